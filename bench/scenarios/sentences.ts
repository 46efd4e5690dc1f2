import { readFileSync } from 'node:fs';
import { models, sentencesFile } from '../files.ts';
import { interleave, threadTime } from '../pairs.ts';
import { loadBertwasm, loadRelaxed } from '../peers/bertwasm.ts';
import { loadOrtWeb } from '../peers/ort-web.ts';
import type { Peer } from '../peers/peer.ts';
import { contestants, ORT, type Row, rows } from '../rows.ts';

interface Example {
  ids: Int32Array;
  label: number;
}

const ORT_BATCHES = [1, 8, 16, 32];
/** Sentences of neighbouring length that are one step of a pass; every batch size divides it. */
const SLICE = 32;

/**
 * All 872 SST-2 dev sentences through the default model's checkpoint, ids in, logits out. onnxruntime-web pads, so
 * it gets the sentences sorted by length and the batch size that suits it best here; bertwasm gets a slice at once.
 */
export async function sentences(quick: boolean): Promise<Row[]> {
  const { onnx, own } = models.sst2;
  const base = await loadBertwasm(own, 'base');
  const contenders = {
    ort: await loadOrtWeb(onnx),
    base,
    baseAgain: await loadBertwasm(own, 'base'),
    relaxed: await loadRelaxed(own),
  };
  const examples = readExamples(base.encode).sort((a, b) => a.ids.length - b.ids.length);
  const slices = Array.from({ length: Math.ceil(examples.length / SLICE) }, (_, s) =>
    examples.slice(s * SLICE, (s + 1) * SLICE),
  );
  const batch = await bestBatch(
    contenders.ort,
    slices.filter((_, s) => s % 4 === 0),
  );
  const warmup = quick ? 0 : 1;
  const counted = quick ? 1 : 5;
  const correct = new Map<string, number>();

  const times = await interleave(
    contestants(contenders, async (peer, name, step) => {
      const right = await classify(peer, slices[step], name === ORT ? batch : slices[step].length);
      correct.set(name, (correct.get(name) ?? 0) + right);
    }),
    { rounds: counted, warmup, steps: slices.length },
  );
  const accuracy = (name: string) => (correct.get(name) ?? 0) / (warmup + counted) / examples.length;
  const scenario = `SST-2 dev, 872 sentences (${ORT}: batches of ${batch})`;
  return rows(scenario, times, { relaxed: { ratio: 3 } }).map((row) =>
    correct.has(row.build) ? { ...row, accuracy: { baseline: accuracy(ORT), bertwasm: accuracy(row.build) } } : row,
  );
}

function readExamples(encode: (text: string) => Int32Array): Example[] {
  const lines = readFileSync(sentencesFile, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [label, text] = line.split('\t');
    return { label: Number(label), ids: encode(text) };
  });
}

async function bestBatch(peer: Peer, slices: readonly Example[][]): Promise<number> {
  for (const slice of slices) await classify(peer, slice, 8); // V8's optimising compiler is done after this
  let best = { size: 1, ms: Number.POSITIVE_INFINITY };
  for (const size of ORT_BATCHES) {
    const start = threadTime();
    for (const slice of slices) await classify(peer, slice, size);
    const ms = threadTime() - start;
    if (ms < best.ms) best = { size, ms };
  }
  return best.size;
}

/** How many of the examples get their label. */
async function classify(peer: Peer, examples: readonly Example[], batch: number): Promise<number> {
  let right = 0;
  for (let start = 0; start < examples.length; start += batch) {
    const part = examples.slice(start, start + batch);
    const logits = await peer.logits(part.map(({ ids }) => ids));
    for (const [i, { label }] of part.entries()) {
      if (Number(logits[2 * i + 1] > logits[2 * i]) === label) right++;
    }
  }
  return right;
}
