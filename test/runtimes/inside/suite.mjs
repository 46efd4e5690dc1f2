import { digest } from './digest.mjs';
import { tampered } from './tampered.mjs';
import { ROWS, TAGGED, TEXTS } from './texts.mjs';

/*
 * What every runtime does, and nothing that one of them has alone. A check gives a digest, which must be that of Node, or `ok`.
 */

/** Some for what needs no hundred; the last has 512 tokens. */
const FEW = TEXTS.filter((_, i) => i % 9 === 0);
const WEIGHTS = 'encoder.safetensors';

/**
 * @param bertwasm the module, as this runtime imports it
 * @param model the default model as a program names it here
 * @param file gives a Response with one of the model's files
 * @returns {Promise<{ simd: 'base' | 'relaxed', checks: Record<string, string> }>}
 */
export async function runSuite({ pipeline, trainHead, Head, DataError, UsageError }, { model, file }) {
  const checks = {};
  const classify = await pipeline('text-classification', model);
  const { simd } = classify.model;
  checks.load = await digest(classify.model.config);

  const encodings = TEXTS.map((text) => classify.tokenizer.encode(text, { maxLength: 512 }));
  checks.tokenise = await digest(encodings.map(({ ids, offsets }) => [[...ids], [...offsets]]));

  checks.predict = await digest(await rawScores(classify, TEXTS));
  const few = await digest(await rawScores(classify, FEW));
  const alone = [];
  for (const text of FEW) alone.push(...(await rawScores(classify, [text])));
  checks.alone = ok('one by one', (await digest(Float32Array.from(alone))) === few);
  checks.softmax = await digest(await classify(FEW, { top_k: null }));

  const extract = await pipeline('feature-extraction', classify);
  checks.features = await digest((await extract(FEW, { pooling: 'mean', normalize: true })).data);

  const training = { encoder: classify, num_train_epochs: 3, dropout: 0.1 };
  const tagger = await trainHead(TAGGED, training);
  const ner = await pipeline('ner', classify, { head: tagger.head, aggregation_strategy: 'simple' });
  checks.entities = await digest(await ner(TAGGED.map(({ tokens }) => tokens.join(' '))));

  const { head, metrics } = await trainHead(ROWS, training);
  checks.retrain = await digest(head.save());
  checks.metrics = await digest(metrics);
  const own = await pipeline('text-classification', classify, { head: Head.load(head.save()) });
  checks['own head'] = await digest(await rawScores(own, FEW));

  for (const [name, change] of [
    ['cut short', { length: 5_000_000 }],
    ['flipped bit', { flip: 5_000_000 }],
  ]) {
    const changed = async (asked) => {
      const response = await file(asked);
      return asked === WEIGHTS ? tampered(response.body, change) : response;
    };
    const error = await errorOf(() => pipeline('text-classification', changed));
    checks[name] = ok(`${name}: ${error}`, error instanceof DataError && error.message.includes(WEIGHTS));
  }
  checks.unharmed = ok('after hostile files', (await digest(await rawScores(classify, FEW))) === few);

  await classify.dispose();
  const disposed = await errorOf(() => classify('Anyone there?'));
  checks.dispose = ok(`disposed: ${disposed}`, disposed instanceof UsageError);
  for (const each of [extract, ner, own]) await each.dispose();
  return { simd, checks };
}

/** f32 [B, L], labels in the model's order. */
async function rawScores(classify, texts) {
  const { labels } = classify.model.config;
  const results = await classify(texts, { top_k: null, function_to_apply: 'none' });
  return Float32Array.from(
    results.flatMap((scores) => labels.map((label) => scores.find((each) => each.label === label).score)),
  );
}

async function errorOf(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function ok(what, holds) {
  return holds ? 'ok' : `wrong (${what})`;
}
