// What every program of a peer does. They are plain JavaScript, since stripping types would cost a cold start 40 ms.
import { createInterface } from 'node:readline';
import { threadTime } from '../../thread-time.mjs';

/**
 * Answers each line of stdin, a batch of token ids in JSON, by a line on stdout: its logits, and the milliseconds that they took,
 * of this thread's CPU and by the clock.
 */
export async function answer(logits) {
  for await (const line of createInterface({ input: process.stdin })) {
    const batch = JSON.parse(line);
    const begin = [threadTime(), performance.now()];
    const result = await logits(batch);
    const [cpu, wall] = [threadTime() - begin[0], performance.now() - begin[1]];
    console.log(JSON.stringify({ logits: Array.from(result), cpu, wall }));
  }
  process.exit(); // idle threads of an engine would keep it alive
}
