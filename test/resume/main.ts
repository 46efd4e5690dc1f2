import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { random } from '../fixtures/random.ts';
import { outcome, train, trainAndKill, trainingWorkspace } from './training.ts';

/*
 * npm run soak:resume [moments] [seed]: kills trainings at random moments, resumes them and compares what they leave with
 * that of an unbroken one.
 */

const [moments = 20, seed = 1] = process.argv.slice(2).map(Number);
const directory = await mkdtemp(join(tmpdir(), 'bertwasm-resume-'));
try {
  await trainingWorkspace(directory);
  await train(directory, 'warm-up');
  const milliseconds = await train(directory, 'unbroken');
  const expected = await outcome(directory, 'unbroken');
  console.log(`an unbroken training takes ${Math.round(milliseconds)} ms; seed ${seed}`);
  const next = random(seed);
  let different = 0;
  for (let i = 1; i <= moments; i++) {
    const moment = next() * milliseconds;
    const { checkpoints, finished } = await trainAndKill(directory, `run-${i}`, moment);
    await train(directory, `run-${i}`, '--resume');
    const same = isDeepStrictEqual(await outcome(directory, `run-${i}`), expected);
    if (!same) different++;
    const found = finished ? 'finished' : checkpoints.sort().join(' ') || 'no checkpoint';
    console.log(`${i}. killed after ${Math.round(moment)} ms (${found}): ${same ? 'the same bytes' : 'DIFFERENT'}`);
    await rm(join(directory, `run-${i}`), { recursive: true });
  }
  console.log(`${moments - different} of ${moments} the same`);
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}
