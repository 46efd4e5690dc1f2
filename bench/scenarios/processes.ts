import { models } from '../files.ts';
import type { Rounds } from '../pairs.ts';
import { start } from '../peers/field.ts';
import {
  BASE,
  BASE_AGAIN,
  isOwn,
  ORT_NODE_FP32,
  ORT_NODE_INT8,
  ORT_WEB,
  PYTORCH,
  RELAXED,
  TRANSFORMERS_NATIVE,
  TRANSFORMERS_WASM,
} from '../peers/names.ts';
import { AbsentError } from '../peers/peer.ts';
import { type Goal, resultOf } from '../results.ts';
import type { Scenario } from './scenario.ts';

const NAMES = [
  ORT_WEB,
  BASE,
  RELAXED,
  BASE_AGAIN,
  TRANSFORMERS_WASM,
  ORT_NODE_INT8,
  ORT_NODE_FP32,
  TRANSFORMERS_NATIVE,
  PYTORCH,
];

interface Start {
  /** Wall milliseconds from before the process is made to its first logits on stdout. */
  ms: number;
  /** MB of 10^6 bytes. */
  peakRss: number;
}

/**
 * DistilBERT-base, every start a process of its own, in turn: cold start (from the process's making to the first result, 8 tokens;
 * files in the page cache) and peak resident memory (128 tokens).
 */
export async function processes(quick: boolean): Promise<Scenario> {
  const absent = new Map<string, string>();
  const measure = async (rounds: number, tokens: number, value: (start: Start) => number): Promise<Rounds> => {
    const values: Rounds = new Map();
    for (let round = 0; round < rounds; round++) {
      for (const name of NAMES) {
        try {
          const figure = value(await firstResult(name, tokens));
          values.set(name, [...(values.get(name) ?? []), figure]);
        } catch (error) {
          if (!(error instanceof AbsentError)) throw error;
          absent.set(name, error.message);
        }
      }
    }
    return values;
  };
  const coldStart = await measure(quick ? 2 : 11, 8, ({ ms }) => ms);
  const peakRss = await measure(quick ? 1 : 3, 128, ({ peakRss }) => peakRss);
  const fast: Goal = { ratio: 6 };
  const small: Goal = { most: 150 };
  return {
    results: [
      resultOf('cold start, 8 tokens', coldStart, { base: fast, relaxed: fast }),
      resultOf('peak RSS, 128 tokens', peakRss, { base: small, relaxed: small }, 'MB'),
    ],
    absent,
  };
}

/** Of a text in bertwasm, which loads its tokenizer, of ids elsewhere. */
async function firstResult(name: string, tokens: number): Promise<Start> {
  const film = 2143;
  const text = Array(tokens - 2)
    .fill('film')
    .join(' ');
  const begin = performance.now();
  const peer = start(name, models.base);
  await peer.logits([isOwn(name) ? text : [101, ...Array(tokens - 2).fill(film), 102]]);
  const ms = performance.now() - begin;
  const peakRss = peer.peakRss();
  await peer.close();
  return { ms, peakRss };
}
