import { type BenchModel, models } from '../files.ts';
import { close, type Field, open, together } from '../peers/field.ts';
import { BASE, BASE_AGAIN, ORT_NODE_INT8, ORT_WEB, PYTORCH, RELAXED, withThreads } from '../peers/names.ts';
import { type Goal, type Result, resultOf, type Wanted } from '../results.ts';
import { sentences } from './examples.ts';
import { race } from './race.ts';
import { ragged } from './ragged.ts';
import type { Scenario } from './scenario.ts';
import { sequence } from './sequence.ts';

const THREADS = 2;

/** Two threads against two, and against one of our own: milliseconds by the clock, since CPU time adds up over threads. */
export async function threads(quick: boolean): Promise<Scenario> {
  const runs = [await withField(models.base, quick, oneText), await withField(models.sst2, quick, manyTexts)];
  return {
    results: runs.map(({ result }) => result),
    absent: new Map(runs.flatMap(({ absent }) => [...absent])),
  };
}

async function withField(
  model: BenchModel,
  quick: boolean,
  measure: (field: Field, quick: boolean) => Promise<Result>,
): Promise<{ result: Result; absent: Field['absent'] }> {
  const one = await open([BASE, RELAXED, BASE_AGAIN], model);
  const two = await open([ORT_WEB, BASE, RELAXED, ORT_NODE_INT8, PYTORCH], model, THREADS);
  const field = together(one, two);
  const result = await measure(field, quick);
  await close(field);
  return { result, absent: field.absent };
}

async function oneText(field: Field, quick: boolean): Promise<Result> {
  const batch = [sequence(128)];
  const options = quick ? { rounds: 3, warmup: 2 } : { rounds: 20, warmup: 10 };
  const times = await race(field, 'wall', options, (peer) => peer.logits(batch));
  return resultOf('1 x 128', times, wanted());
}

/** A quarter of the sentences: enough where the noise of the clock is more than theirs. */
async function manyTexts(field: Field, quick: boolean): Promise<Result> {
  const examples = (await sentences()).filter((_, i) => i % (quick ? 16 : 4) === 0);
  const { rounds, ...rest } = await ragged(field, 'wall', examples, quick ? 1 : 5);
  return { ...resultOf(`SST-2 dev, sentences (${examples.length})`, rounds, wanted({ ratio: 1.8 })), ...rest };
}

function wanted(goal?: Goal): Wanted {
  const builds = [BASE, RELAXED];
  return {
    others: builds.flatMap((build) => [
      { baseline: withThreads(ORT_WEB, THREADS), candidate: withThreads(build, THREADS) },
      { baseline: build, candidate: withThreads(build, THREADS), goal },
    ]),
  };
}
