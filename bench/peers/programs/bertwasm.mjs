// bertwasm.mjs <model> <base|relaxed> <threads>; a batch may hold texts in place of ids.
import { pipeline } from '../../../dist/node/node.js';
import { answer } from './answer.mjs';

const [name, simd, threads] = process.argv.slice(2);
const options = threads === '1' ? { simd } : { simd, threads: Number(threads) };
try {
  const { model, tokenizer } = await pipeline('text-classification', name, options);
  const ids = (sequence) => (typeof sequence === 'string' ? tokenizer.encode(sequence).ids : sequence);
  await answer((batch) => model.logits(batch.map(ids)));
} catch (error) {
  // A build or an option that is not to be had here.
  if (error.name !== 'UsageError') throw error;
  console.log(JSON.stringify({ absent: error.message }));
}
