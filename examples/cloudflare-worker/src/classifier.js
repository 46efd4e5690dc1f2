import { Head, pipeline } from 'bertwasm';

/** Of this isolate, shared by its requests. A Worker may fetch nothing before its first request, so that one loads it. */
let loading;
/** When the head in use was trained, in milliseconds; 0 for the model's own. */
let version = 0;

/** The pipeline with the newest head that this location knows. */
export async function classifier(env, context) {
  loading ??= load(env).catch((error) => {
    loading = undefined;
    throw error;
  });
  // Else the load would end with the request that began it, where its client leaves.
  context.waitUntil(loading);
  const classify = await loading;
  const newest = Number(await env.HEADS.get('version'));
  if (newest > version) await useKept(env, classify, newest);
  return classify;
}

function load(env) {
  return pipeline('text-classification', modelFiles(env));
}

/** Both stream: no more than a piece of a file is in memory beside the weights. */
function modelFiles({ MODEL, ASSETS }) {
  if (MODEL) return async (file) => (await MODEL.get(file))?.body;
  return (file) => ASSETS.fetch(`https://assets.local/${file}`);
}

async function useKept(env, classify, newest) {
  const bytes = await env.HEADS.get('head', 'arrayBuffer');
  if (!bytes) return;
  classify.use(Head.load(new Uint8Array(bytes)));
  version = newest;
}

/** Keeps a head for the other isolates and the next start, and uses it here at once. */
export async function keepHead(env, head) {
  const classify = await loading;
  await env.HEADS.put('head', head.save());
  version = Date.now();
  await env.HEADS.put('version', String(version));
  classify.use(head);
}
