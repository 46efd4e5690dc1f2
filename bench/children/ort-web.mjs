// A process of its own: token ids (it has no tokenizer to load) to its first label.
// Usage: ort-web.mjs <ONNX file> <tokens>
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { peakRss } from './peak-rss.mjs';

const [file, tokens] = process.argv.slice(2);
ort.env.wasm.numThreads = 1;
// From a buffer: by path it takes as long and 50 MB more.
const session = await ort.InferenceSession.create(readFileSync(file), { executionProviders: ['wasm'] });
const tensor = (id) => new ort.Tensor('int64', new BigInt64Array(Number(tokens)).fill(id), [1, Number(tokens)]);
const { logits } = await session.run({ input_ids: tensor(2143n), attention_mask: tensor(1n) });
const label = logits.data[1] > logits.data[0] ? 'POSITIVE' : 'NEGATIVE';
process.stdout.write(`${JSON.stringify({ label, peakRss: peakRss() })}\n`);
