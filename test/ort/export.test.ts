import * as node from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { bytesSource } from '../../src/model/source.ts';
import { fp32Model } from '../../src/ort/export/fp32.ts';
import { int8Model } from '../../src/ort/export/int8.ts';
import { encodeModel } from '../../src/ort/onnx.ts';
import { binaries } from '../fixtures/kernels.ts';
import { tinyModel } from '../fixtures/tiny-model.ts';

const BATCH = [
  [2, 40, 41, 42, 3],
  [2, 50, 3],
  [2, 60, 61, 62, 63, 64, 65, 66, 3],
];
const S = Math.max(...BATCH.map(({ length }) => length));

web.env.wasm.numThreads = 1;
const RUNTIMES = { 'onnxruntime-node': node, 'onnxruntime-web': web } as unknown as Record<string, typeof node>;

async function setUp(head: 'sequence' | 'token' | 'none') {
  const source = bytesSource('tiny', tinyModel(head));
  const config = await loadConfig(source);
  return { config, weights: await floatWeights(source, config), engine: await Model.load(source, config, binaries) };
}

/** What the runtime gives for the padded batch, by sequence, the padding cut off. */
async function run(
  { InferenceSession, Tensor }: typeof node,
  model: Uint8Array,
  batch: readonly number[][],
  tokens: boolean,
) {
  const session = await InferenceSession.create(model);
  expect(session.inputNames).toEqual(['input_ids', 'attention_mask']);
  const most = Math.max(...batch.map(({ length }) => length));
  const padded = batch.flatMap((ids) => Array.from({ length: most }, (_, i) => BigInt(ids[i] ?? 0)));
  const mask = batch.flatMap((ids) => Array.from({ length: most }, (_, i) => (i < ids.length ? 1n : 0n)));
  const tensor = (values: bigint[]) => new Tensor('int64', BigInt64Array.from(values), [batch.length, most]);
  const results = await session.run({ input_ids: tensor(padded), attention_mask: tensor(mask) });
  const { data, dims } = results[session.outputNames[0]];
  const each = data.length / batch.length;
  const width = dims[dims.length - 1];
  return batch.map((ids, b) =>
    (data as Float32Array).slice(b * each, b * each + (tokens ? ids.length * width : width)),
  );
}

function largest(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.flatMap((values, i) => Array.from(values, (value, j) => Math.abs(value - b[i][j]))));
}

describe.each(Object.entries(RUNTIMES))('%s', (_, runtime) => {
  test.each(['sequence', 'token', 'none'] as const)(
    'fp32 with head %s is what the engine computes in f32',
    async (head) => {
      const { config, weights, engine } = await setUp(head);
      const model = encodeModel(fp32Model(config, weights));
      const found = await run(runtime, model, BATCH, head !== 'sequence');
      const logits = () => BATCH.map((ids) => engine.logits([ids]));
      const expected = {
        sequence: logits,
        token: () => engine.tokenLogits(BATCH),
        none: () => engine.hiddenStates(BATCH),
      }[head]();
      expect(largest(found, expected)).toBeLessThan(1e-5);
    },
  );

  test.each(['sequence', 'token', 'none'] as const)('int8 with head %s is near to it', async (head) => {
    const { config, weights } = await setUp(head);
    const alone = async (ids: number[]) =>
      (await run(runtime, encodeModel(int8Model(config, weights)), [ids], head !== 'sequence'))[0];
    const fp32 = await run(runtime, encodeModel(fp32Model(config, weights)), BATCH, head !== 'sequence');
    const int8 = await Promise.all(BATCH.map(alone));
    // Of values around 1: measured 0.06 at most.
    expect(largest(int8, fp32)).toBeLessThan(0.1);
    expect(largest(int8, fp32)).toBeGreaterThan(1e-4);
  });
});

test('padding changes nothing but rounding', async () => {
  const { config, weights } = await setUp('sequence');
  const model = encodeModel(fp32Model(config, weights));
  const alone = await Promise.all(BATCH.map(async (ids) => (await run(node, model, [ids], false))[0]));
  expect(S).toBe(9);
  expect(largest(await run(node, model, BATCH, false), alone)).toBeLessThan(1e-6);
});
