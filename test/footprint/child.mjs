// Tells its parent of each stage and goes on when told to, so that its memory can be read between. Plain JavaScript: stripping
// types takes memory of its own.
import { once } from 'node:events';

async function stage(name) {
  process.stdout.write(`${name}\n`);
  await once(process.stdin, 'data');
}

await stage('started');
const { pipeline } = await import('bertwasm');
const classify = await pipeline('text-classification');
await stage('loaded');
await classify(Array(600).fill('film').join(' ')); // cut at 512 tokens
await stage('predicted');
process.exit(0);
