// A process of its own: text to its first label. Plain JavaScript, since stripping types would cost it 40 ms.
// Usage: bertwasm.mjs <model directory> <tokens> <base|relaxed>
import { pipeline } from '../../dist/platform/node.js';
import { peakRss } from './peak-rss.mjs';

const [directory, tokens, simd] = process.argv.slice(2);
const classify = await pipeline('text-classification', directory, { simd });
const [{ label }] = await classify(
  Array(tokens - 2)
    .fill('film')
    .join(' '),
);
process.stdout.write(`${JSON.stringify({ label, peakRss: peakRss() })}\n`);
