import { models } from '../files.ts';
import { close, open } from '../peers/field.ts';
import { BASE, BASE_AGAIN, ORT_NODE_INT8, ORT_WEB, PYTORCH, RELAXED } from '../peers/names.ts';
import { type Result, resultOf, type Wanted } from '../results.ts';
import { type Example, reviews, sentences } from './examples.ts';
import { ragged } from './ragged.ts';
import type { Scenario } from './scenario.ts';

const NAMES = [ORT_WEB, BASE, RELAXED, ORT_NODE_INT8, BASE_AGAIN, PYTORCH];

/** Of each set every so many texts: all of the reviews would take a round of six minutes. */
const SETS: { name: string; read: () => Promise<Example[]>; every: number; rounds: number; wanted: Wanted }[] = [
  { name: 'SST-2 dev, sentences', read: sentences, every: 2, rounds: 3, wanted: { relaxed: { ratio: 4 } } },
  { name: 'IMDb mini, reviews', read: reviews, every: 8, rounds: 3, wanted: { relaxed: { ratio: 3 } } },
];

/** Real texts through a model of the default's shape, one thread: CPU milliseconds of a text, ids in, logits out. */
export async function texts(quick: boolean): Promise<Scenario> {
  const field = await open(NAMES, models.sst2);
  const results: Result[] = [];
  for (const { name, read, every, rounds, wanted } of SETS) {
    const all = await read();
    const examples = all.filter((_, i) => i % (quick ? 16 : every) === 0);
    const { rounds: times, ...rest } = await ragged(field, 'cpu', examples, quick ? 1 : rounds);
    results.push({ ...resultOf(`${name} (${examples.length})`, times, wanted), ...rest });
  }
  await close(field);
  return { results, absent: field.absent };
}
