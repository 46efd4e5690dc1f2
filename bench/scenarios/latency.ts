import { models } from '../files.ts';
import { close, open } from '../peers/field.ts';
import {
  BASE,
  BASE_AGAIN,
  ORT_NODE_FP32,
  ORT_NODE_INT8,
  ORT_WEB,
  PYTORCH,
  RELAXED,
  TRANSFORMERS_NATIVE,
  TRANSFORMERS_WASM,
} from '../peers/names.ts';
import { type Result, resultOf, type Wanted } from '../results.ts';
import { race } from './race.ts';
import type { Scenario } from './scenario.ts';
import { sequence } from './sequence.ts';

const NAMES = [
  ORT_WEB,
  BASE,
  RELAXED,
  ORT_NODE_INT8,
  TRANSFORMERS_WASM,
  BASE_AGAIN,
  ORT_NODE_FP32,
  TRANSFORMERS_NATIVE,
  PYTORCH,
];

const AHEAD_OF_NATIVE = [ORT_NODE_FP32, PYTORCH].map((baseline) => ({
  baseline,
  candidate: RELAXED,
  goal: { ratio: 1 },
}));

/** Sequences x tokens; rounds such that all take five minutes. */
const SHAPES: { B: number; T: number; rounds: number; wanted: Wanted }[] = [
  { B: 1, T: 8, rounds: 60, wanted: { relaxed: { ratio: 2.5 } } },
  { B: 1, T: 32, rounds: 30, wanted: {} },
  { B: 1, T: 128, rounds: 20, wanted: { base: { ratio: 1.3 }, relaxed: { ratio: 3 }, others: AHEAD_OF_NATIVE } },
  { B: 1, T: 256, rounds: 7, wanted: {} },
  { B: 1, T: 512, rounds: 5, wanted: { relaxed: { ratio: 3.2 } } },
  { B: 8, T: 128, rounds: 5, wanted: {} },
];

/** DistilBERT-base shape, one thread: CPU milliseconds of a call, ids in, logits out. */
export async function latency(quick: boolean): Promise<Scenario> {
  const field = await open(NAMES, models.base);
  // V8 compiles onnxruntime-web's 14 MB anew while it runs: it is warm before the first shape is.
  await race(field, 'cpu', { rounds: 0, warmup: quick ? 2 : 8 }, (peer) => peer.logits([sequence(128)]));
  const results: Result[] = [];
  for (const { B, T, rounds, wanted } of SHAPES) {
    const batch = Array.from({ length: B }, () => sequence(T));
    const options = { rounds: quick ? 3 : rounds, warmup: T < 128 ? 10 : 1 };
    const times = await race(field, 'cpu', options, (peer) => peer.logits(batch));
    results.push(resultOf(`${B} x ${T}`, times, wanted));
  }
  await close(field);
  return { results, absent: field.absent };
}
