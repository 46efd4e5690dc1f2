import { Ajv2020 } from 'ajv/dist/2020.js';

type Json = Record<string, unknown>;
type Paths = Record<string, Record<string, { responses: Json }>>;

/**
 * A check of responses against an OpenAPI document, as the server gives it: throws where one is none that the document allows of
 * its route.
 */
export function documented(document: { paths: Paths }) {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'openapi');
  return async (method: string, path: string, response: Response): Promise<void> => {
    const operation = document.paths[path]?.[method.toLowerCase()];
    // Another path or method is refused ahead of any operation; a client that has left reads no status.
    if (!operation || response.status === 499) return;
    const where = `${method} ${path}, ${response.status}`;
    const allowed = operation.responses[response.status] as { content?: Record<string, Json> } | undefined;
    if (!allowed) throw new Error(`${where}: expected a documented status`);
    const body = await response.clone().text();
    if (!allowed.content) {
      if (body !== '') throw new Error(`${where}: expected no body, got ${body}`);
      return;
    }
    const [type] = (response.headers.get('content-type') ?? '').split(';');
    if (!Object.hasOwn(allowed.content, type)) throw new Error(`${where}: expected a documented type, got ${type}`);
    if (type !== 'application/json') return;
    const pointer = ['paths', path.replaceAll('/', '~1'), method.toLowerCase(), 'responses', response.status];
    const validate = ajv.getSchema(`openapi#/${pointer.join('/')}/content/application~1json/schema`);
    if (!validate?.(JSON.parse(body))) {
      throw new Error(
        `${where}: expected as documented, got ${body.slice(0, 200)}: ${ajv.errorsText(validate?.errors)}`,
      );
    }
  };
}
