import { beforeAll, describe, expect, test } from 'vitest';
import { type CheckInput, type CheckResult, check } from '../../src/check/check.ts';
import { decisions } from '../../src/check/decisions.ts';
import { drift } from '../../src/check/drift.ts';
import { type Found, GATES, gatesOf } from '../../src/check/gates.ts';
import { engineHeadSide, graphHeadSide, type HeadSide } from '../../src/check/head-sides.ts';
import { compareHeads } from '../../src/check/heads.ts';
import { compareLayers, firstDifference } from '../../src/check/layers.ts';
import { checkReport } from '../../src/check/report.ts';
import { engineSide, fp32Side, q8Side, type Side } from '../../src/check/sides.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig, type ModelConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { jsonBytes } from '../../src/model/json.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import type { OnnxGraph, OnnxNode } from '../../src/ort/onnx.ts';
import { q8Graph } from '../../src/ort/q8/graph.ts';
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

  test('several labels: each counts, in accuracy and in training', async () => {
    const source = await ofProblem('multi_label_classification');
    const { gates, drift: found } = await check({ ...input, source, given: texts.map(() => [1, 1]) });
    expect(gates.filter(({ passed }) => !passed)).toEqual([]);
    const said = await check({ ...input, source, given: texts.map(() => [0, 0]) });
    expect((found.accuracy?.q8 as number) + (said.drift.accuracy?.q8 as number)).toBeCloseTo(1, 12);
  });

  test('a regression has no labels to train on: a head of two is', async () => {
    const { gates, head } = await check({ ...input, source: await ofProblem('regression') });
    expect(gates.filter(({ passed }) => !passed)).toEqual([]);
    expect(head.losses[0][0]).toBeCloseTo(Math.LN2, 1);
  });

  /** The tiny model of two outputs, read another way. */
  async function ofProblem(problemType: string) {
    const files = await tinyOwnModel();
    const config = JSON.parse(new TextDecoder().decode(files['config.json']));
    return bytesSource('tiny', { ...files, 'config.json': jsonBytes({ ...config, problem_type: problemType }) });
  }
});

describe('floats that are not those of the model', () => {
  test('break (c)', async () => {
    const others = bytesSource('others', tinyModel('sequence', 2));
    const result = await check({ ...input, floats: others });
    expect(failed(result)).toContain('c q8 against fp32, cosine of [CLS], mean');
    expect(failed(result).filter((gate) => !gate.startsWith('c'))).toEqual([]);
    const [{ where }] = result.gates.filter(({ passed }) => !passed);
    expect(where).toMatch(/^text [1-5], hidden:0$/);
  });
});

let sound: CheckResult;
beforeAll(async () => {
  sound = await check({ ...input, floats });
});

/** The gates that break with these findings in place of sound ones, and where. */
const broken = (found: Partial<Found>) =>
  gatesOf({ ...sound, ...found })
    .filter(({ passed }) => !passed)
    .map(({ check, where }) => `${check} ${where}`);

describe('a fault on one side', () => {
  let config: ModelConfig;
  let engine: Side;
  let tensors: Map<string, Tensor>;
  const decide = decisions({ labels: ['NEGATIVE', 'POSITIVE'], problemType: undefined });
  beforeAll(async () => {
    config = await loadConfig(own);
    engine = engineSide(await Model.load(own, config, binaries));
    tensors = await q8Tensors(own, config);
  });

  /** The engine against a graph and tensors: what breaks, and the first bits that differ. */
  async function held(changed: ReadonlyMap<string, Tensor>, change = (graph: OnnxGraph) => graph) {
    const side = await q8Side(change(q8Graph(config, { inputs: true })), changed);
    const layersOnly: Side = {
      run: async (ids) => new Map([...(await side.run(ids))].filter(([name]) => !name.startsWith('input:'))),
      close: side.close,
    };
    const q8 = await compareLayers(texts, engine, layersOnly, decide, GATES.hidden);
    const difference = await firstDifference(texts[q8.parted?.text ?? 0], engine, side);
    await side.close();
    return { q8, difference, broken: broken({ q8, difference }) };
  }

  function tampered(name: string, change: (values: Float32Array | Int8Array) => void) {
    const { type, shape, data } = tensors.get(name) as Tensor;
    const values = (data as Float32Array).slice();
    change(values);
    return held(new Map([...tensors, [name, { type, shape, data: values }]]));
  }

  const [L0, L1] = ['input:transformer.layer.0', 'input:transformer.layer.1'];

  test.each([
    ['a scale off by 1 %', 'transformer.layer.1.attention.v_lin.weight.scale', 'hidden:2', `${L1}.attention.out_lin`],
    ['a scale of the first layer', 'transformer.layer.0.ffn.lin1.weight.scale', 'hidden:1', `${L0}.ffn.lin2`],
    ['the gain of a LayerNorm', 'transformer.layer.0.sa_layer_norm.weight', 'hidden:1', `${L0}.ffn.lin1`],
    ['the scale of a word', 'embeddings.word_embeddings.weight.scale', 'hidden:0', 'hidden:0'],
  ])('%s is seen and located', async (_, name, place, at) => {
    const found = await tampered(name, (values) => {
      for (let i = 0; i < values.length; i++) values[i] *= 1.01;
    });
    expect(found.broken[0]).toMatch(new RegExp(`^a text 1, ${place}; the same bits to .+, others from ${at}$`));
  });

  test('two rows swapped are seen and located', async () => {
    const found = await tampered('transformer.layer.0.ffn.lin1.weight', (values) => {
      const first = values.slice(0, 32);
      values.copyWithin(0, 32, 64);
      values.set(first, 32);
    });
    expect(found.q8.parted?.place).toBe('hidden:1');
    expect(found.difference).toEqual({ after: `${L0}.ffn.lin1`, at: `${L0}.ffn.lin2` });
  });

  test('a swapped matrix is seen and located', async () => {
    const found = await tampered('transformer.layer.1.attention.q_lin.weight', (values) => {
      values.set((tensors.get('transformer.layer.1.attention.k_lin.weight') as Tensor).data as Int8Array);
    });
    expect(found.q8.parted?.place).toBe('hidden:2');
    expect(found.difference).toEqual({ after: `${L1}.attention`, at: `${L1}.attention.out_lin` });
  });

  test('wrong rounding of one input is seen and located', async () => {
    const found = await held(tensors, (graph) => roundedDown(graph, 'quantised:transformer.layer.1.ffn.lin1'));
    expect(found.broken[0]).toBe(`a text 1, hidden:2; the same bits to ${L1}.ffn.lin1, others from ${L1}.ffn.lin2`);
  });

  /** The graph with Floor in place of the Round that makes an output. */
  function roundedDown(graph: OnnxGraph, output: string): OnnxGraph {
    const maker = (name: string) => graph.nodes.find(({ outputs }) => outputs[0] === name) as OnnxNode;
    let node = maker(output);
    while (node.op !== 'Round') node = maker(node.inputs[0]);
    return { ...graph, nodes: graph.nodes.map((each) => (each === node ? { ...each, op: 'Floor' } : each)) };
  }

  test('what is too small for the gate still shows in the bits', async () => {
    const found = await tampered('transformer.layer.1.ffn.lin2.bias', (values) => {
      values[3] = Math.fround(values[3] * (1 + 2 ** -20)); // 2^-22 is lost in the sums of [CLS], not in others
    });
    expect(found.broken).toEqual([]);
    expect(found.q8.places.map(({ sameBits }) => sameBits)).toEqual([true, true, false, false]);
    expect(found.difference?.at).toBe('hidden:2');
  });

  test('turned labels break the second gate of (a)', async () => {
    const found = await tampered('classifier.weight', (values) => {
      for (let i = 0; i < values.length; i++) values[i] *= -1;
    });
    expect(found.broken).toEqual([expect.stringMatching(/^a text [1-5], logits$/)]);
  });

  test('a wrong float weight breaks (b)', async () => {
    const weights = await floatWeights(own, config);
    const side = engineSide(await floatEngine());
    const against = async () => {
      const graph = await fp32Side({ ...config, bertwasm: undefined }, weights);
      const fp32 = await compareLayers(texts, side, graph, decide, GATES.hidden);
      await graph.close();
      return broken({ fp32 });
    };
    expect(await against()).toEqual([]);
    const wrong = weights.get('transformer.layer.0.attention.k_lin.weight') as Float32Array;
    for (let i = 0; i < 32; i++) wrong[i] += 0.05;
    expect(await against()).toEqual(['b text 1, hidden:1']);
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
    const silly: Side = {
      run: async (ids) =>
        new Map([...(await engine.run(ids))].map(([name, values]) => [name, values.map(() => Number.NaN)])),
      close: async () => {},
    };
    const { places, parted } = await compareLayers(texts, engine, silly, decide, GATES.hidden);
    expect(parted).toEqual({ text: 0, place: expect.stringMatching(/^(input|hidden):/) });
    expect(Math.max(...places.map(({ largest }) => largest))).toBe(Number.POSITIVE_INFINITY);
  });

  test('a place that one side does not tell is no equal one', async () => {
    const silent: Side = { run: async () => new Map(), close: async () => {} };
    const q8 = await compareLayers(texts, silent, engine, decide, GATES.hidden);
    expect(broken({ q8 })[0]).toMatch(/^a text 1, /);
  });
});

test('too many other labels break (c), at the first text that has one', () => {
  expect(broken({ drift: { ...sound.drift, labelsEqual: 0.9, labelsParted: 2 } })).toEqual(['c text 3, logits']);
});

test('drift: cosine, labels and accuracy by hand', () => {
  const outputs = (cls: number[], logits: number[]) =>
    new Map([
      ['hidden:0', Float32Array.of(1, 0)],
      ['hidden:1', Float32Array.from([...cls, 9, 9])],
      ['logits', Float32Array.from(logits)],
    ]);
  const found = drift(
    [
      { q8: outputs([1, 0], [0, 1]), fp32: outputs([1, 0], [0, 1.5]) },
      { q8: outputs([1, 1], [2, 1]), fp32: outputs([1, 0], [1, 2]) },
    ],
    { layers: 1, D: 2, decide: decisions({ labels: ['a', 'b'], problemType: undefined }) },
    [[1], [1]],
  );
  expect(found).toEqual({
    cosine: { mean: expect.closeTo((1 + Math.SQRT1_2) / 2, 12), min: expect.closeTo(Math.SQRT1_2, 12) },
    leastText: 1,
    layers: [1, expect.closeTo((1 + Math.SQRT1_2) / 2, 12)],
    logit: 1,
    labelsEqual: 0.5,
    labelsParted: 1,
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
      ...result,
      gradient: Math.max(...result.gradients.map(({ difference }) => difference)),
    };
  };

  test('is the same on both paths', async () => {
    const { gradient, weights, loss, losses } = await compared(ADAM);
    expect(gradient).toBeLessThan(GATES.head);
    expect(loss).toBeLessThan(GATES.head);
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

  test('a missing bias correction breaks (e), in losses and weights', async () => {
    const without = 1e6; // a step so late that nothing is left to correct
    const head = await compared(ADAM, (side) => ({
      ...side,
      step: (rows, _, rate) => side.step(rows, without, rate),
    }));
    expect(head.loss).toBeGreaterThan(GATES.head);
    expect(head.weights).toBeGreaterThan(GATES.head);
    // The loss of the first step is that of the start.
    expect(broken({ head })).toEqual(['e step 2', expect.stringMatching(/^e (pre_)?classifier\.(weight|bias)$/)]);
  });

  test.each(['pre_classifier.weight', 'classifier.weight'])('a wrong gradient of %s breaks (d)', async (tensor) => {
    const head = await compared(ADAM, (side) => ({
      ...side,
      gradients: async (rows) =>
        new Map(
          [...(await side.gradients(rows))].map(([name, values]) => [
            name,
            name === tensor ? values.map((value) => value * 1.0001) : values,
          ]),
        ),
    }));
    expect(broken({ head })).toEqual([`d ${tensor}`]);
  });
});
