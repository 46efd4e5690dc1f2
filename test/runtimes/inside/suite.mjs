import { digest } from './digest.mjs';
import { tampered } from './tampered.mjs';
import { ROWS, TAGGED, TEXTS } from './texts.mjs';

/*
 * What every runtime does, and nothing that one of them has alone. A check gives a digest, which must be that of Node, or `ok`.
 */

/** Some for what needs no hundred, and nothing of 512 tokens. */
const FEW = TEXTS.filter((_, i) => i % 9 === 1);
const WEIGHTS = 'encoder.safetensors';

/**
 * @param bertwasm the module, as this runtime imports it
 * @param model the default model as a program names it here
 * @param file gives a Response with one of the model's files
 * @param threads whether there are any
 * @returns {Promise<{ simd: 'base' | 'relaxed', checks: Record<string, string> }>}
 */
export async function runSuite({ pipeline, trainHead, Head, DataError, UsageError }, { model, file, threads }) {
  const checks = {};
  const classify = await pipeline('text-classification', model);
  const { simd } = classify.model;
  checks.load = await digest(classify.model.config);

  const encodings = TEXTS.map((text) => classify.tokenizer.encode(text, { maxLength: 512 }));
  checks.tokenise = await digest(encodings.map(({ ids, offsets }) => [[...ids], [...offsets]]));

  const logits = (texts) => classify(texts, { top_k: null, function_to_apply: 'none' });
  checks.predict = await digest(await logits(TEXTS));
  const few = await digest(await logits(FEW));
  const alone = [];
  for (const text of FEW) alone.push(...(await logits([text])));
  checks.alone = ok('one by one', (await digest(alone)) === few);
  const reversed = (await logits([...FEW].reverse())).reverse();
  checks.order = ok('in another order', (await digest(reversed)) === few);
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
  checks['own head'] = await digest(await own(FEW, { top_k: null }));
  // What of training the two heads above have not: with these, every kernel, schedule and loss.
  const deep = await trainHead(ROWS.slice(0, 60), {
    ...training,
    head: 'distilbert',
    pooling: 'mean',
    lr_scheduler_type: 'cosine',
    class_weights: 'balanced',
    label_smoothing_factor: 0.1,
  });
  checks['deep head'] = await digest(deep.head.save());
  const several = ROWS.slice(0, 60).map(({ text, label }, i) => ({ text, label: ['even', label].slice(i % 2) }));
  const independent = await trainHead(several, { ...training, lr_scheduler_type: 'constant', warmup_steps: 3 });
  checks['several labels'] = await digest(independent.head.save());

  for (const [name, change] of [
    ['cut short', { length: 5_000_000 }],
    ['flipped bit', { flip: 5_000_000 }],
  ]) {
    const changed = async (asked) => {
      const response = await file(asked);
      return asked === WEIGHTS ? tampered(response.body, change) : response;
    };
    const error = await outcomeOf(() => pipeline('text-classification', changed));
    checks[name] = ok(`${name}: ${error}`, error instanceof DataError && error.message.includes(WEIGHTS));
  }
  checks.unharmed = ok('after hostile files', (await digest(await logits(FEW))) === few);

  const crew = await outcomeOf(() => pipeline('text-classification', model, { threads: 2 }));
  if (threads) {
    while (crew.model.threads < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const shared = await digest(await crew(FEW, { top_k: null, function_to_apply: 'none' }));
    checks.threads = ok('by two threads', shared === few);
    await crew.dispose();
  } else {
    checks.threads = ok(`two threads: ${crew}`, crew instanceof UsageError);
  }

  await classify.dispose();
  const disposed = await outcomeOf(() => classify('Anyone there?'));
  checks.dispose = ok(`disposed: ${disposed}`, disposed instanceof UsageError);
  for (const each of [extract, ner, own]) await each.dispose();
  return { simd, checks };
}

async function outcomeOf(work) {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

function ok(what, holds) {
  return holds ? 'ok' : `wrong (${what})`;
}
