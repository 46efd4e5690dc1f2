import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionBytes } from '../../src/engine/memory.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig, type ModelConfig, parseConfig } from '../../src/model/config.ts';
import { featureWidth, Head, type HeadConfig, headShapes } from '../../src/model/head.ts';
import { encoderLinears } from '../../src/model/names.ts';
import { writeOwnForm } from '../../src/model/own-form.ts';
import type { ModelSource } from '../../src/model/source.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { Graph } from '../../src/ort/graph.ts';
import type { Initializer, OnnxGraph, OnnxNode, Value } from '../../src/ort/onnx.ts';
import { gelu, relu } from '../../src/ort/q8/activations.ts';
import { attentionQ8 } from '../../src/ort/q8/attention-q8.ts';
import { q8Graph } from '../../src/ort/q8/graph.ts';
import { layerNorm } from '../../src/ort/q8/layer-norm.ts';
import { linearQ8 } from '../../src/ort/q8/linear-q8.ts';
import { quantizeRows } from '../../src/ort/q8/quantize-rows.ts';
import { orderedSum } from '../../src/ort/q8/sums.ts';
import { q8Tensors } from '../../src/ort/q8/tensors.ts';
import type { Tensor } from '../../src/ort/tensor.ts';
import { directorySource, nodeSha256 } from '../../src/platform/node-files.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { Bench, binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';
import { type Files, memoryWriter, tinyConfig, tinyModel, tinyTokenizer } from '../fixtures/tiny-model.ts';
import { engineOutputs } from './q8-engine.ts';
import { type Outputs, openGraph } from './q8-session.ts';

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const f32 = (data: Float32Array, ...shape: number[]): Tensor => ({ type: 'float32', shape, data });
const idsTensor = (ids: readonly number[]): Tensor => ({
  type: 'int64',
  shape: [ids.length],
  data: BigInt64Array.from(ids, BigInt),
});

/** The outputs that are expected and differ in any bit, in the order of the graph. */
function differences(actual: Outputs, expected: ReadonlyMap<string, ArrayBufferView>): string[] {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => Buffer.from(buffer, byteOffset, byteLength);
  return [...actual]
    .filter(([name]) => expected.has(name))
    .filter(([name, values]) => !bytes(values).equals(bytes(expected.get(name) as ArrayBufferView)))
    .map(([name]) => name);
}

/** Values as hidden states have them, and a few far out of range. */
function floats(next: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => {
    const [kind, value] = [next(), (next() - 0.5) * 4];
    if (kind < 0.02) return 0;
    if (kind < 0.04) return value * 20;
    if (kind < 0.045) return value * 1e6;
    if (kind < 0.05) return value * 1e-39;
    return value;
  });
}

describe('what the graph asks of onnxruntime', () => {
  it.each([0, 1, 2])('CumSum adds from the first to the last, axis %i', async (axis) => {
    const shape = [30, 40, 50];
    const data = floats(random(axis), 30 * 40 * 50);
    const graph = new Graph();
    graph.output('sum', orderedSum(graph, graph.input('x', 'float32', shape), axis));
    const result = await (await openGraph(graph.finish('sum')))(new Map([['x', f32(data, ...shape)]]));
    const stride = [2000, 50, 1][axis];
    const starts = Array.from(data.keys()).filter((i) => Math.floor(i / stride) % shape[axis] === 0);
    const expected = starts.map((start) => {
      let sum = data[start];
      for (let i = 1; i < shape[axis]; i++) sum = Math.fround(sum + data[start + i * stride]);
      return sum;
    });
    expect(result.get('sum')).toEqual(Float32Array.from(expected));
  });

  // Σ (q - zero) w is at its largest here, and on x86 without VNNI a plain MatMulInteger of u8 with s8 saturates.
  it.each([
    { q: 255, zero: 0, w: 127 },
    { q: 255, zero: 0, w: -128 },
    { q: 0, zero: 255, w: 127 },
    { q: 127, zero: 0, w: -128 },
    { q: 128, zero: 128, w: 127 },
  ])('integer sums are exact: q $q, zero $zero, w $w', async ({ q, zero, w }) => {
    const [T, K, N] = [3, 512, 8];
    const one = new Float32Array(N).fill(1);
    const result = await run(
      (graph, value) => ({
        y: linearQ8(
          graph,
          { x: value('q'), q: value('q'), zero: value('zero'), scale: value('rowScale') },
          { weight: value('weight'), scale: value('scale'), bias: value('bias') },
        ),
      }),
      {
        q: { type: 'uint8', shape: [T, K], data: new Uint8Array(T * K).fill(q) },
        zero: { type: 'int32', shape: [T, 1], data: new Int32Array(T).fill(zero) },
        rowScale: f32(one.slice(0, T), T, 1),
        weight: { type: 'int8', shape: [N, K], data: new Int8Array(N * K).fill(w) },
        scale: f32(one, N),
        bias: f32(new Float32Array(N), N),
      },
    );
    // Below 2^24, so that f32 holds it.
    expect(result.get('y')).toEqual(new Float32Array(T * N).fill((q - zero) * w * K));
  });
});

/** Builds a graph of the tensors by their names, and runs it. */
async function run(
  build: (graph: Graph, value: (name: string) => Value) => Record<string, Value>,
  tensors: Record<string, Tensor>,
): Promise<Outputs> {
  const graph = new Graph();
  const inputs = new Map(
    Object.entries(tensors).map(([name, { type, shape }]) => [name, graph.input(name, type, shape)]),
  );
  for (const [name, value] of Object.entries(build(graph, (name) => inputs.get(name) as Value))) {
    graph.output(name, value);
  }
  return (await openGraph(graph.finish('part')))(new Map(Object.entries(tensors)));
}

describe('each part computes what its kernel does, on extreme values too', async () => {
  const base = await binaries.load('base');

  it.each([0, 1, 8])('quantizeRows and linearQ8, %i outlier columns', async (C) => {
    const [T, K, N] = [9, 96, 24];
    const next = random(C + 1);
    const x = floats(next, T * K);
    x.fill(0, 0, K);
    x.fill(-1.5, K, 2 * K);
    for (let k = 2 * K; k < 3 * K; k++) x[k] = Math.abs(x[k]);
    x[3 * K] = 3e37;
    const weight = Int8Array.from({ length: N * K }, () => Math.floor(next() * 255) - 127).fill(127, 0, K);
    const [scale, bias, outlierWeight] = [N, N, N * C].map((length) => floats(next, length));
    const columns = Int32Array.from({ length: C }, (_, c) => c * 11);

    const bench = new Bench(base);
    const pointers = { packed: bench.take(K * T * 2), rowScale: bench.take(T * 4), rowTerm: bench.take(T * 4) };
    const outliers = bench.take(T * C * 4);
    const packedWeight = bench.take(N * K);
    const columnTerm = bench.take(N * 4);
    const packedOutliers = bench.take(N * C * 4);
    const y = bench.take(T * N * 4);
    const at = bench.put(columns);
    bench.kernels.packWeight(bench.put(weight), N, K, packedWeight, columnTerm);
    if (C) bench.kernels.packRowsF32(bench.put(outlierWeight), C * 4, N, C, packedOutliers);
    const { packed, rowScale, rowTerm } = pointers;
    bench.kernels.quantizeRows(bench.put(x), K * 4, T, K, at, C, packed, rowScale, rowTerm, outliers);
    const layer = [packedWeight, bench.put(scale), bench.put(bias), columnTerm, packedOutliers] as const;
    bench.kernels.linearQ8(packed, rowScale, rowTerm, outliers, T, K, ...layer, C, N, y, N * 4);

    const result = await run(
      (graph, value) => {
        const kept = C ? { columns: value('columns'), weight: value('outliers') } : undefined;
        const rows = quantizeRows(graph, value('x'), kept?.columns);
        const weights = { weight: value('weight'), scale: value('scale'), bias: value('bias'), outliers: kept };
        return { rowScale: rows.scale, y: linearQ8(graph, rows, weights) };
      },
      {
        x: f32(x, T, K),
        weight: { type: 'int8', shape: [N, K], data: weight },
        scale: f32(scale, N),
        bias: f32(bias, N),
        ...(C && {
          columns: { type: 'int64', shape: [C], data: BigInt64Array.from(columns, BigInt) },
          outliers: f32(outlierWeight, N, C),
        }),
      },
    );
    const expected = { rowScale: bench.floats(rowScale, T), y: bench.floats(y, T * N) };
    expect(differences(result, new Map(Object.entries(expected)))).toEqual([]);
  });

  it('a row that is not finite has a scale of NaN', async () => {
    const x = Float32Array.of(...new Array(16).fill(1), ...new Array(16).fill(1), ...new Array(16).fill(1));
    x[3] = Number.NaN;
    x[20] = Number.POSITIVE_INFINITY;
    const result = await run((graph, value) => ({ scale: quantizeRows(graph, value('x'), undefined).scale }), {
      x: f32(x, 3, 16),
    });
    expect(Array.from(result.get('scale') as Float32Array, Number.isFinite)).toEqual([false, false, true]);
  });

  it.each([16, 32, 776])('layerNorm, D = %i', async (D) => {
    const T = 7;
    const next = random(D);
    const [x, gain, bias] = [T * D, D, D].map((length) => floats(next, length));
    x.fill(0, 0, D);
    x.fill(-0, D, 2 * D);
    [gain[0], bias[0]] = [1, -0]; // shows the sign of a mean of zeros
    const bench = new Bench(base);
    const pointer = bench.put(x);
    bench.kernels.layerNorm(pointer, T, D, bench.put(gain), bench.put(bias), 1e-12);
    const result = await run(
      (graph, value) => ({ y: layerNorm(graph, value('x'), value('gain'), value('bias'), 1e-12) }),
      { x: f32(x, T, D), gain: f32(gain, D), bias: f32(bias, D) },
    );
    expect(differences(result, new Map([['y', bench.floats(pointer, T * D)]]))).toEqual([]);
  });

  it.each([
    { name: 'gelu', operation: gelu },
    { name: 'relu', operation: relu },
  ] as const)('$name', async ({ name, operation }) => {
    const x = floats(random(3), 8000);
    x.set([-0, 0, -4, 4, 5.7, -5.7, 3e38, -3e38]);
    const bench = new Bench(base);
    const pointer = bench.put(x);
    bench.kernels[name](pointer, x.length);
    const result = await run((graph, value) => ({ y: operation(graph, value('x')) }), { x: f32(x, x.length) });
    expect(differences(result, new Map([['y', bench.floats(pointer, x.length)]]))).toEqual([]);
  });

  it.each([1, 3, 4, 21])('attentionQ8, T = %i', async (T) => {
    const [D, H] = [48, 3];
    const next = random(T);
    const parts = [0, 1, 2].map(() => Float32Array.from({ length: T * D }, () => (next() - 0.5) * 6));
    parts[2].fill(-0, 0, D);
    const together = Float32Array.from(
      { length: T * 3 * D },
      (_, i) => parts[Math.floor(i / D) % 3][Math.floor(i / (3 * D)) * D + (i % D)],
    );
    const bench = new Bench(base);
    const [scratch, context] = [bench.take(attentionBytes(T, D / H, 2)), bench.take(T * D * 4)];
    bench.kernels.attentionQ8(bench.put(together), D * 12, T, D, H, 0, H, scratch, context);
    const result = await run(
      (graph, value) => ({ y: attentionQ8(graph, value('q'), value('k'), value('v'), H) }),
      Object.fromEntries(['q', 'k', 'v'].map((name, i) => [name, f32(parts[i], T, D)])),
    );
    expect(differences(result, new Map([['y', bench.floats(context, T * D)]]))).toEqual([]);
  });
});

interface Pair {
  config: ModelConfig;
  model: Model;
  tensors: Map<string, Tensor>;
}

/** The engine and the graph's tensors of one model, with another head where one is given. */
async function load(source: ModelSource, head?: Head): Promise<Pair> {
  const config = await loadConfig(source);
  const model = await Model.load(source, config, binaries);
  const tensors = await q8Tensors(source, config);
  if (head) {
    model.use(head);
    for (const [name, shape] of headShapes(head.config)) {
      tensors.set(name, f32(head.tensors.get(name) as Float32Array, ...shape));
    }
  }
  return { config: model.config, model, tensors };
}

async function tinyQ8(task: 'sequence' | 'token', activation: 'gelu' | 'relu', C: number): Promise<ModelSource> {
  const json = { ...tinyConfig(task), activation };
  const config = parseConfig(json, 'config.json');
  const columns = Array.from({ length: C }, (_, c) => 3 * c + 1);
  const files: Files = {};
  await writeOwnForm(memoryWriter(files), nodeSha256, {
    source: bytesSource('tiny', tinyModel(task)),
    config,
    tokenizer: tinyTokenizer(),
    outlierColumns: new Map(encoderLinears(config).map(({ input }) => [input, columns])),
  });
  return bytesSource('tiny', files);
}

function headOf(config: Pick<HeadConfig, 'task' | 'pooling' | 'preClassifier'>): Head {
  const labels = Array.from({ length: 5 }, (_, i) => `label ${i}`);
  const whole = { ...config, labels, dim: 32, width: featureWidth({ dim: 32, layers: 2 }, config.pooling) };
  const next = random(9);
  const tensors = Array.from(headShapes(whole), ([name, shape]) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => next() - 0.5);
    return [name, values] as const;
  });
  return new Head(whole, new Map(tensors));
}

function randomIds(next: () => number, T: number, V: number): number[] {
  return Array.from({ length: T }, () => Math.floor(next() * V));
}

describe('the same bits as the engine, after the embeddings and every layer', () => {
  const expectSameBits = async ({ config, model, tensors }: Pair, sequences: readonly number[][]): Promise<void> => {
    const runGraph = await openGraph(q8Graph(config, { inputs: true }));
    for (const ids of sequences) {
      const expected = engineOutputs(model, ids);
      const actual = await runGraph(new Map(tensors).set('ids', idsTensor(ids)));
      const names = [...actual.keys()].filter((name) => !name.startsWith('quantised:'));
      expect(names.toSorted()).toEqual([...expected.keys()].toSorted());
      expect(differences(actual, expected), `${ids.length} tokens`).toEqual([]);
    }
  };

  it.each(['sentiment', 'minilm'])('models/%s, on text and on random ids', async (name) => {
    const source = directorySource(repository(`models/${name}`));
    const pair = await load(source);
    const tokenizer = await loadTokenizer(source);
    const texts = readFileSync(repository('test/golden/drift/own.txt'), 'utf8').trim().split('\n');
    const next = random(7);
    await expectSameBits(pair, [
      ...texts.map((text) => Array.from(tokenizer.encode(text).ids)),
      ...[1, 2, 7, 40].map((T) => randomIds(next, T, pair.config.vocabSize)),
    ]);
  });

  it.each([
    { task: 'sequence', activation: 'gelu', C: 0 },
    { task: 'sequence', activation: 'relu', C: 8 },
    { task: 'token', activation: 'gelu', C: 8 },
    { task: 'token', activation: 'relu', C: 0 },
  ] as const)('$task head, $activation, $C outlier columns', async ({ task, activation, C }) => {
    const next = random(C);
    await expectSameBits(
      await load(await tinyQ8(task, activation, C)),
      [1, 2, 7, 40, 64].map((T) => randomIds(next, T, 100)),
    );
  });

  it.each([
    { task: 'sequence', pooling: 'cls', preClassifier: false },
    { task: 'sequence', pooling: 'mean', preClassifier: true },
    { task: 'sequence', pooling: 'layers', preClassifier: true },
    { task: 'sequence', pooling: 'layers', preClassifier: false },
    { task: 'token', pooling: 'layers', preClassifier: false },
  ] as const)('$task head on $pooling, pre_classifier $preClassifier', async (config) => {
    const next = random(5);
    await expectSameBits(
      await load(await tinyQ8(config.task, 'gelu', 2), headOf(config)),
      [1, 7, 40].map((T) => randomIds(next, T, 100)),
    );
  });
});

describe('a planted fault is seen, and first where it is', () => {
  const ids = randomIds(random(11), 40, 30_000);
  let pair: Pair;
  let graph: OnnxGraph;
  let expected: Outputs;
  let tampered: (tensors: ReadonlyMap<string, Tensor>) => Promise<string[]>;

  beforeAll(async () => {
    pair = await load(directorySource(repository('models/minilm')));
    graph = q8Graph(pair.config, { inputs: true });
    const runGraph = await openGraph(graph);
    expected = await runGraph(new Map(pair.tensors).set('ids', idsTensor(ids)));
    expect(differences(expected, engineOutputs(pair.model, ids))).toEqual([]);
    tampered = async (tensors) =>
      differences(await runGraph(new Map([...pair.tensors, ...tensors]).set('ids', idsTensor(ids))), expected);
  });

  /** The outputs in order, from one on: a fault shows in all of them. */
  const from = (first: string) => {
    const names = graph.outputs.map(({ name }) => name);
    expect(names).toContain(first);
    return names.slice(names.indexOf(first));
  };

  it('a scale that is off by 1 %', async () => {
    const name = 'transformer.layer.3.ffn.lin1.weight.scale';
    const tensor = pair.tensors.get(name) as Tensor;
    const data = (tensor.data as Float32Array).slice();
    data[5] *= 1.01;
    const found = await tampered(new Map([[name, { ...tensor, data }]]));
    expect(found).toEqual(from('input:transformer.layer.3.ffn.lin2'));
    expect(found.find((place) => place.startsWith('hidden:'))).toBe('hidden:4');
  });

  it('two rows of a weight in each other’s place', async () => {
    const name = 'transformer.layer.2.attention.v_lin.weight';
    const tensor = pair.tensors.get(name) as Tensor;
    const K = tensor.shape[1];
    const data = (tensor.data as Int8Array).slice();
    data.copyWithin(0, K, 2 * K);
    data.set((tensor.data as Int8Array).subarray(0, K), K);
    const found = await tampered(new Map([[name, { ...tensor, data }]]));
    expect(found).toEqual(from('input:transformer.layer.2.attention.out_lin'));
    expect(found.find((place) => place.startsWith('hidden:'))).toBe('hidden:3');
  });

  /** What differs when the graph itself is another. */
  const differencesOf = async (faulty: OnnxGraph) => {
    const runGraph = await openGraph(faulty);
    return differences(await runGraph(new Map(pair.tensors).set('ids', idsTensor(ids))), expected);
  };

  it('rows scaled by a little more than they are', async () => {
    // By so much that attention's integers, which swallow 254.9999, are others. The scale is range / 255; of the five quantised inputs of each layer, queries among them, the fourth of layer 1.
    const divisor = graph.initializers.find(({ data }) => isFloat(data, 255)) as Initializer;
    const scales = graph.nodes.filter(({ op, inputs }) => op === 'Div' && inputs[1] === divisor.name);
    expect(scales.length).toBe(5 * pair.config.layers);
    const biased = { ...divisor, name: 'biased', data: new Uint8Array(Float32Array.of(254.999).buffer) };
    const found = await differencesOf({
      ...graph,
      initializers: [...graph.initializers, biased],
      nodes: graph.nodes.map((node) =>
        node === scales[5 + 3] ? { ...node, inputs: [node.inputs[0], 'biased'] } : node,
      ),
    });
    expect(found).toEqual(from('input:transformer.layer.1.ffn.lin2'));
    expect(found.find((place) => place.startsWith('hidden:'))).toBe('hidden:2');
  });

  it('quantised values rounded half up, not half to even', async () => {
    const half: Initializer = {
      name: 'half',
      type: 'float64',
      shape: [],
      data: new Uint8Array(Float64Array.of(0.5).buffer),
    };
    const made = new Map(graph.nodes.map((node) => [node.outputs[0], node]));
    const isF64 = ({ op, inputs }: OnnxNode) =>
      op === 'Round' && made.get(made.get(inputs[0])?.inputs[0] ?? '')?.attributes.to === 11;
    expect(graph.nodes.filter(isF64).length).toBe(5 * pair.config.layers);
    const found = await differencesOf({
      ...graph,
      initializers: [...graph.initializers, half],
      nodes: graph.nodes.flatMap((node) => {
        if (!isF64(node)) return [node];
        const sum = `${node.outputs[0]}_sum`;
        return [
          { op: 'Add', inputs: [node.inputs[0], 'half'], outputs: [sum], attributes: {} },
          { ...node, op: 'Floor', inputs: [sum] },
        ];
      }),
    });
    const first = [...engineOutputs(pair.model, ids)].find(([name, x]) => name.startsWith('input:') && hasTie(name, x));
    expect(first).toBeDefined();
    expect(found).toEqual(from(`quantised:${first?.[0].slice('input:'.length)}`));
  });

  /** Whether a value of a linear layer's input lies halfway, where the two ways of rounding differ. */
  function hasTie(name: string, x: Float32Array): boolean {
    const input = name.slice('input:'.length);
    const { name: linear, k: K } = encoderLinears(pair.config).find((linear) => linear.input === input) as {
      name: string;
      k: number;
    };
    const columns = pair.tensors.get(`${linear}.weight.outlier_columns`)?.data as BigInt64Array;
    for (let t = 0; t * K < x.length; t++) {
      const row = x.slice(t * K, (t + 1) * K);
      for (const column of columns) row[Number(column)] = 0;
      const [low, high] = [Math.min(0, ...row), Math.max(0, ...row)];
      const inverse = Math.fround(255 / Math.fround(high - low));
      const zero = Math.round(Math.fround(-low * inverse));
      if (row.some((value) => isEvenHalf(Math.fround(value * inverse) + zero))) return true;
    }
    return false;
  }
});

/** Half to even goes down from here, half up goes up. */
const isEvenHalf = (value: number) => value - Math.floor(value) === 0.5 && Math.floor(value) % 2 === 0;

const isFloat = (data: Initializer['data'], value: number) =>
  data instanceof Uint8Array && data.length === 4 && new Float32Array(data.slice().buffer)[0] === value;
