import { Head, pipeline } from 'bertwasm';

/** Milliseconds after which KV is asked for a newer head; it may itself take a minute to tell other locations. */
const ASK_EVERY = 10_000;

/** Of this isolate, shared by its requests. A Worker may fetch nothing before its first request, so that one loads it. */
let loading;
/** When the head in use was trained, in milliseconds; 0 for the model's own. */
let version = 0;
let asked = 0;

/** The pipeline with the newest head that this location knows. */
export async function classifier(env, context) {
  loading ??= load(env).catch((error) => {
    loading = undefined;
    throw error;
  });
  // Else the load would end with the request that began it, where its client leaves.
  context.waitUntil(loading);
  const classify = await loading;
  if (Date.now() - asked >= ASK_EVERY) await useKept(env, classify);
  return classify;
}

async function load(env) {
  const classify = await pipeline('text-classification', modelFiles(env));
  await useKept(env, classify);
  return classify;
}

/** Both stream: no more than a piece of a file is in memory beside the weights. */
function modelFiles({ MODEL, ASSETS }) {
  if (MODEL) return async (file) => (await MODEL.get(file))?.body;
  return (file) => ASSETS.fetch(`https://assets.local/${file}`);
}

async function useKept({ HEADS }, classify) {
  asked = Date.now();
  try {
    const { value, metadata } = await HEADS.getWithMetadata(keyOf(classify), 'arrayBuffer');
    if (value === null || metadata.version <= version) return;
    classify.use(Head.load(value));
    version = metadata.version;
  } catch (error) {
    // Without KV, or with a head that is none: the one in use goes on.
    console.error(error);
  }
}

/** Keeps a head for the other isolates and the next start, and uses it here at once. */
export async function keepHead({ HEADS }, classify, head) {
  const metadata = { version: Date.now() };
  await HEADS.put(keyOf(classify), head.save(), { metadata });
  classify.use(head);
  version = metadata.version;
}

/** A head fits one encoder: with another model there is none yet. */
function keyOf({ model }) {
  return `head-${model.config.bertwasm.files['encoder.safetensors'].sha256}`;
}
