import { beforeAll, describe, expect, test } from 'vitest';
import { type CheckInput, type CheckResult, check, GATES } from '../../src/check/check.ts';
import { drift } from '../../src/check/drift.ts';
import { engineHeadSide, graphHeadSide, type HeadSide } from '../../src/check/head-sides.ts';
import { compareHeads } from '../../src/check/heads.ts';
import { compareLayers, firstDifference } from '../../src/check/layers.ts';
import { checkReport } from '../../src/check/report.ts';
import { engineSide, fp32Side, q8Side, type Side } from '../../src/check/sides.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig, type ModelConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { bytesSource } from '../../src/model/source.ts';
import { q8Tensors } from '../../src/ort/q8/tensors.ts';
import type { Tensor } from '../../src/ort/tensor.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import type { AdamOptions } from '../../src/train/adamw.ts';
import { initialHead } from '../../src/train/initial-head.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import { binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';

const TEXTS = [
  'we saw a quiet film',
  'a good story',
  'bad',
  'the film was very fine and the story moving',
  'not good !',
];

const own = bytesSource('tiny', await tinyOwnModel());
const floats = bytesSource('tiny floats', tinyModel());
const tokenizer = await loadTokenizer(own);
const texts = TEXTS.map((text) => Array.from(tokenizer.encode(text).ids));
const input: CheckInput = { source: own, tokenizer, kernels: binaries, texts, steps: 10 };
const failed = ({ gates }: CheckResult) =>
  gates.filter(({ passed }) => !passed).map(({ check, name }) => `${check} ${name}`);

describe('a sound model', () => {
  test('passes every gate, its q8 paths to the same bits', async () => {
    const result = await check({ ...input, floats, given: texts.map((_, i) => [i % 2]) });
    expect(failed(result)).toEqual([]);
    expect(result.passed).toBe(true);
    expect(result.q8.places.map(({ name, sameBits }) => [name, sameBits])).toEqual(
      ['hidden:0', 'hidden:1', 'hidden:2', 'logits'].map((name) => [name, true]),
    );
    expect(result.fp32.places.map(({ name }) => name)).toEqual(['hidden:0', 'hidden:1', 'hidden:2']);
    expect(result.drift.accuracy?.fp32).toBeGreaterThanOrEqual(0);
    expect(result.head.losses).toHaveLength(10);
    const html = checkReport(result, 'A <check>', 'note');
    expect(html).toContain('A &lt;check&gt;');
    expect(html).toContain('classifier.weight');
  });

  test.each(['none', 'token'] as const)('a model with head %s too', async (head) => {
    const source = bytesSource('tiny', await tinyOwnModel(head));
    expect(failed(await check({ ...input, source }))).toEqual([]);
  });
});

describe('floats that are not those of the model', () => {
  test('break (c)', async () => {
    const others = bytesSource('others', tinyModel('sequence', 2));
    const result = await check({ ...input, floats: others });
    expect(failed(result)).toContain('c q8 against fp32, cosine of [CLS], mean');
    expect(failed(result).filter((gate) => !gate.startsWith('c'))).toEqual([]);
  });
});

describe('a fault on one side', () => {
  let config: ModelConfig;
  let engine: Side;
  let tensors: Map<string, Tensor>;
  beforeAll(async () => {
    config = await loadConfig(own);
    engine = engineSide(await Model.load(own, config, binaries));
    tensors = await q8Tensors(own, config);
  });

  /** The graph with one tensor changed, against the engine: where they part, and the first bits that differ. */
  async function tampered(name: string, change: (values: Float32Array | Int8Array) => void) {
    const { type, shape, data } = tensors.get(name) as Tensor;
    const values = (data as Float32Array).slice();
    change(values);
    const changed = new Map([...tensors, [name, { type, shape, data: values }]]);
    const side = await q8Side(config, changed);
    const compared = await compareLayers(texts, engine, side, 2, GATES.hidden);
    await side.close();
    const withInputs = await q8Side(config, changed, { inputs: true });
    const first = await firstDifference(texts[compared.parted?.text ?? 0], engine, withInputs);
    await withInputs.close();
    return { place: compared.parted?.place, first, places: compared.places };
  }

  test.each([
    [
      'a scale off by 1 %',
      'transformer.layer.1.attention.v_lin.weight.scale',
      'hidden:2',
      'input:transformer.layer.1.attention.out_lin',
    ],
    [
      'a scale of the first layer',
      'transformer.layer.0.ffn.lin1.weight.scale',
      'hidden:1',
      'input:transformer.layer.0.ffn.lin2',
    ],
    [
      'the gain of a LayerNorm',
      'transformer.layer.0.sa_layer_norm.weight',
      'hidden:1',
      'input:transformer.layer.0.ffn.lin1',
    ],
    ['the scale of a word', 'embeddings.word_embeddings.weight.scale', 'hidden:0', 'hidden:0'],
  ])('%s is seen and located', async (_, name, place, first) => {
    const found = await tampered(name, (values) => {
      for (let i = 0; i < values.length; i++) values[i] *= 1.01;
    });
    expect(found).toMatchObject({ place, first });
  });

  test('a swapped matrix is seen and located', async () => {
    const found = await tampered('transformer.layer.1.attention.q_lin.weight', (values) => {
      values.set((tensors.get('transformer.layer.1.attention.k_lin.weight') as Tensor).data as Int8Array);
    });
    expect(found).toMatchObject({ place: 'hidden:2', first: 'input:transformer.layer.1.attention.out_lin' });
  });

  test('what is too small for the gate still shows in the bits', async () => {
    const found = await tampered('transformer.layer.1.ffn.lin2.bias', (values) => {
      values[3] = Math.fround(values[3] * (1 + 2 ** -22));
    });
    expect(found.place).toBeUndefined();
    expect(found.places.map(({ sameBits }) => sameBits)).toEqual([true, true, false, false]);
    expect(found.first).toBe('hidden:2');
  });

  test('a wrong float weight breaks (b)', async () => {
    const weights = await floatWeights(own, config);
    const sound = await fp32Side({ ...config, bertwasm: undefined }, weights);
    const side = engineSide(await floatEngine());
    expect((await compareLayers(texts, side, sound, 2, GATES.hidden)).parted).toBeUndefined();
    await sound.close();
    const wrong = weights.get('transformer.layer.0.attention.k_lin.weight') as Float32Array;
    for (let i = 0; i < 32; i++) wrong[i] += 0.05;
    const broken = await fp32Side({ ...config, bertwasm: undefined }, weights);
    expect((await compareLayers(texts, side, broken, 2, GATES.hidden)).parted?.place).toBe('hidden:1');
    await broken.close();
  });

  /** The engine on what the integers mean. */
  async function floatEngine(): Promise<Model> {
    const { huggingFaceFiles } = await import('../../src/model/hugging-face.ts');
    const weights = await floatWeights(own, config);
    const files = huggingFaceFiles({ config, weights, tokenizer: tokenizer.toJSON(), maxLength: 64 });
    const source = bytesSource('floats', files);
    return Model.load(source, await loadConfig(source), binaries);
  }

  test('a result that is not finite is no small difference', async () => {
    const broken: Side = {
      run: async (ids) =>
        new Map([...(await engine.run(ids))].map(([name, values]) => [name, values.map(() => Number.NaN)])),
      close: async () => {},
    };
    const { places, parted } = await compareLayers(texts, engine, broken, 2, GATES.hidden);
    expect(parted).toEqual({ text: 0, place: expect.stringMatching(/^(input|hidden):/) });
    expect(Math.max(...places.map(({ largest }) => largest))).toBe(Number.POSITIVE_INFINITY);
  });
});

test('drift: cosine, labels and accuracy by hand', () => {
  const outputs = (cls: number[], logits: number[]) =>
    new Map([
      ['hidden:1', Float32Array.from([...cls, 9, 9])],
      ['logits', Float32Array.from(logits)],
    ]);
  const found = drift(
    [
      { q8: outputs([1, 0], [0, 1]), fp32: outputs([1, 0], [0, 1.5]) },
      { q8: outputs([1, 1], [2, 1]), fp32: outputs([1, 0], [1, 2]) },
    ],
    { layers: 1, D: 2, L: 2 },
    [[1], [1]],
  );
  expect(found).toEqual({
    cosine: { mean: expect.closeTo((1 + Math.SQRT1_2) / 2, 12), min: expect.closeTo(Math.SQRT1_2, 12) },
    logit: 1,
    labelsEqual: 0.5,
    accuracy: { q8: 0.5, fp32: 1 },
  });
});

describe('training of a head', async () => {
  const ADAM: AdamOptions = {
    weight_decay: 0.01,
    adam_beta1: 0.9,
    adam_beta2: 0.999,
    adam_epsilon: 1e-8,
    max_grad_norm: 1,
  };
  const module = await binaries.load('base');
  const next = random(5);
  const features = new MemoryFeatures(32);
  features.append(Float32Array.from({ length: 48 * 32 }, () => next() - 0.5));
  const set = {
    features,
    starts: Uint32Array.from({ length: 49 }, (_, i) => i),
    targets: Int32Array.from({ length: 48 }, () => Math.floor(next() * 3)),
  };
  const head = initialHead(
    {
      task: 'sequence',
      labels: ['a', 'b', 'c'],
      problemType: 'single_label_classification',
      pooling: 'cls',
      preClassifier: true,
      dim: 32,
      width: 32,
    },
    1,
  );
  const batches = Array.from({ length: 30 }, (_, step) => Array.from({ length: 8 }, (_, i) => (step * 8 + i) % 48));
  const compared = async (adam: AdamOptions, change: (side: HeadSide) => HeadSide = (side) => side) => {
    const graph = await graphHeadSide(head, set, adam);
    const result = await compareHeads(engineHeadSide(module, head, set, ADAM, 8), change(graph), batches, 1e-3);
    await graph.close();
    return {
      gradient: Math.max(...result.gradients.map(({ difference }) => difference)),
      weights: result.weights,
      losses: result.losses,
    };
  };

  test('is the same on both paths', async () => {
    const { gradient, weights, losses } = await compared(ADAM);
    expect(gradient).toBeLessThan(GATES.head);
    expect(weights).toBeLessThan(GATES.head);
    for (const [ours, theirs] of losses) expect(theirs).toBeCloseTo(ours, 5);
  });

  test.each([
    ['another beta', { ...ADAM, adam_beta2: 0.99 }],
    ['another decay', { ...ADAM, weight_decay: 0.1 }],
    ['another epsilon', { ...ADAM, adam_epsilon: 1e-4 }],
  ])('%s breaks (e), and the gradients stay', async (_, adam) => {
    const { gradient, weights } = await compared(adam);
    expect(gradient).toBeLessThan(GATES.head);
    expect(weights).toBeGreaterThan(GATES.head);
  });

  test('a missing bias correction breaks (e)', async () => {
    // From the second step on the first one's correction, as if steps were not counted.
    const { weights } = await compared(ADAM, (side) => ({
      ...side,
      step: (rows, _, rate) => side.step(rows, 1, rate),
    }));
    expect(weights).toBeGreaterThan(GATES.head);
  });

  test('a wrong gradient breaks (d)', async () => {
    const { gradient } = await compared(ADAM, (side) => ({
      ...side,
      gradients: async (rows) =>
        new Map(
          [...(await side.gradients(rows))].map(([name, values]) => [name, values.map((value) => value * 1.0001)]),
        ),
    }));
    expect(gradient).toBeGreaterThan(GATES.head);
  });
});
