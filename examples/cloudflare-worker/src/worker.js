import { DataError, UsageError } from 'bertwasm';
import { classifier, keepHead } from './classifier.js';
import { mayRetrain } from './may-retrain.js';
import { readJson, RequestError } from './read-json.js';
import { retrain } from './retrain.js';

const MOST_TEXTS = 32;

const ROUTES = {
  '/classify': (classify, { inputs }) => {
    if (Array.isArray(inputs) && inputs.length > MOST_TEXTS) {
      throw new RequestError(413, `inputs: expected at most ${MOST_TEXTS} texts, got ${inputs.length}`);
    }
    return classify(inputs, { top_k: null });
  },
  '/retrain': async (classify, body, env) => {
    const { head, metrics } = await retrain(classify, body);
    await keepHead(env, classify, head);
    return { labels: head.config.labels, metrics };
  },
};

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (!Object.hasOwn(ROUTES, pathname)) return failure(404, 'expected POST /classify or POST /retrain');
    if (request.method !== 'POST') return failure(405, `expected POST, got ${request.method}`, { allow: 'POST' });
    if (pathname === '/retrain' && !(await mayRetrain(request, env))) {
      return failure(401, 'expected the token of RETRAIN_TOKEN');
    }
    // A model that does not load is no fault of the caller: that throws, and is in the Worker's log.
    const classify = await classifier(env, context);
    try {
      return Response.json(await ROUTES[pathname](classify, await readJson(request), env));
    } catch (error) {
      if (error instanceof RequestError) return failure(error.status, error.message);
      if (error instanceof UsageError || error instanceof DataError) return failure(400, error.message);
      throw error;
    }
  },
};

function failure(status, error, headers = {}) {
  return Response.json({ error }, { status, headers });
}
