import { models } from '../files.ts';
import { interleave } from '../pairs.ts';
import { loadBertwasm, loadRelaxed } from '../peers/bertwasm.ts';
import { loadOrtWeb } from '../peers/ort-web.ts';
import { contestants, type Row, rows } from '../rows.ts';

/** Rounds per length: about half a minute each. */
const LENGTHS = [
  { T: 8, rounds: 150, goals: { relaxed: { ratio: 2 } } },
  { T: 32, rounds: 80, goals: {} },
  { T: 128, rounds: 40, goals: { base: { ratio: 1.15 }, relaxed: { ratio: 2.5 } } },
  { T: 512, rounds: 11, goals: {} },
];

/** One sequence of T tokens through DistilBERT-base shape, ids in, logits out. */
export async function latency(quick: boolean): Promise<Row[]> {
  const { onnx, own } = models.base;
  const contenders = {
    ort: await loadOrtWeb(onnx),
    base: await loadBertwasm(own, 'base'),
    baseAgain: await loadBertwasm(own, 'base'),
    relaxed: await loadRelaxed(own),
  };
  // V8 compiles onnxruntime-web's 14 MB anew while it runs: it is warm before the first length is.
  await interleave(
    contestants(contenders, (peer) => peer.logits([sequence(128)])),
    { rounds: 0, warmup: 10 },
  );
  const result: Row[] = [];
  for (const { T, rounds: full, goals } of LENGTHS) {
    const batch = [sequence(T)];
    const times = await interleave(
      contestants(contenders, (peer) => peer.logits(batch)),
      { rounds: quick ? 5 : full, warmup: T < 128 ? 20 : 2 },
    );
    result.push(...rows(`DistilBERT-base 1 x ${T}`, times, goals));
  }
  return result;
}

const sequence = (T: number): Int32Array => Int32Array.from({ length: T }, (_, t) => 1000 + ((t * 7919) % 20000));
