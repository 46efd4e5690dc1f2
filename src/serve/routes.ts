import { HttpError } from './http-error.ts';
import type { RequestLog } from './options.ts';

/** What a route answers, telling the log what it has learnt of the request. */
export type Route = (request: Request, entry: RequestLog) => Response | Promise<Response>;

/** By path, then by method; what answers GET answers HEAD. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Route>>>>;

/** @throws HttpError 404 for another path, 405 for another method, and what the route throws */
export async function answer(routes: Routes, request: Request, entry: RequestLog): Promise<Response> {
  const { method, path } = entry;
  if (!Object.hasOwn(routes, path)) {
    throw new HttpError(404, 'Validation', `path: expected ${Object.keys(routes).join(', ')}, got another`);
  }
  const methods = routes[path];
  const isHead = method === 'HEAD' && Object.hasOwn(methods, 'GET');
  if (!isHead && !Object.hasOwn(methods, method)) {
    const allow = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
    throw new HttpError(405, 'Validation', `${path}: expected ${allow.join(' or ')}, got ${method}`, {
      headers: { allow: allow.join(', ') },
    });
  }
  const response = await methods[isHead ? 'GET' : method](request, entry);
  return isHead ? new Response(null, response) : response;
}
