import { DataError, UsageError } from 'bertwasm';
import { classifier, keepHead } from './classifier.js';
import { readJson, RequestError } from './read-json.js';
import { retrain } from './retrain.js';

const ROUTES = {
  '/classify': async (body, env, context) => {
    const classify = await classifier(env, context);
    return classify(body.inputs, { top_k: null });
  },
  '/retrain': async (body, env, context) => {
    const classify = await classifier(env, context);
    const { head, metrics } = await retrain(classify, body);
    await keepHead(env, head);
    return { labels: head.config.labels, metrics };
  },
};

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (!Object.hasOwn(ROUTES, pathname)) return failure(404, 'expected POST /classify or POST /retrain');
    if (request.method !== 'POST') return failure(405, `expected POST, got ${request.method}`, { allow: 'POST' });
    if (pathname === '/retrain' && !mayRetrain(request, env)) return failure(401, 'expected the token of RETRAIN_TOKEN');
    try {
      return Response.json(await ROUTES[pathname](await readJson(request), env, context));
    } catch (error) {
      if (error instanceof RequestError) return failure(error.status, error.message);
      // What the caller sent is wrong; anything else is the Worker's own fault.
      if (error instanceof UsageError || error instanceof DataError) return failure(400, error.message);
      throw error;
    }
  },
};

function mayRetrain(request, { RETRAIN_TOKEN }) {
  return Boolean(RETRAIN_TOKEN) && request.headers.get('authorization') === `Bearer ${RETRAIN_TOKEN}`;
}

function failure(status, error, headers = {}) {
  return Response.json({ error }, { status, headers });
}
