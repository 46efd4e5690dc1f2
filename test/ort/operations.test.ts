import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/ort/graph.ts';
import type { DataType, Value } from '../../src/ort/onnx.ts';
import { crossEntropy, yesOrNo } from '../../src/ort/operations/cross-entropy.ts';
import { dropout } from '../../src/ort/operations/dropout.ts';
import { add, relu, scale, shift } from '../../src/ort/operations/elementwise.ts';
import { addToEach, embedding, firstTokens } from '../../src/ort/operations/embedding.ts';
import { gelu } from '../../src/ort/operations/gelu.ts';
import { layerNorm } from '../../src/ort/operations/layer-norm.ts';
import { mergeHeads, splitHeads, transpose } from '../../src/ort/operations/layout.ts';
import { linear } from '../../src/ort/operations/linear.ts';
import { matmul } from '../../src/ort/operations/matmul.ts';
import { softmax } from '../../src/ort/operations/softmax.ts';
import type { Tensor } from '../../src/ort/tensor.ts';
import { relative } from './golden.ts';
import { openGraph } from './run-graph.ts';

/* Every operation of the training graphs against torch in fp64 (golden/ort/operations.py), and against differences of its own results. */

/** Relative L2 of a tensor. The worst of all cases: 1.6e-7 and 1.2e-7. */
const GATES = { result: 3e-7, gradient: 5e-7 };

/**
 * Central differences of f32 results, as relative L2 of a tensor. A smaller step would show more of f32's rounding (6e-8 / STEP), a larger one
 * more of the third derivative (STEP² / 6). The worst of all cases: 6.6e-4, of a loss of 150 that large logits give; else 1.7e-4.
 */
const STEP = 2 ** -6;
const DIFFERENCES_GATE = 1e-3;

interface Plain {
  type: 'float32' | 'int64' | 'uint8';
  shape: number[];
  data: number[];
}

interface Golden {
  name: string;
  inputs: Record<string, Plain>;
  result: Plain;
  resultGradient: Plain;
  gradients: Record<string, Plain>;
}

/** The differentiated value and, of the losses, what is compared as the result beside the gradient that they start from. */
interface Made {
  y: Value;
  loss?: Value;
  gradient?: Value;
}
type Operation = (graph: Graph, ...inputs: Value[]) => Value | Made;

const OPERATIONS: Record<string, Operation> = {
  add,
  'add, one tensor twice': (graph, x) => add(graph, x, x),
  scale,
  shift,
  relu,
  dropout: (graph, x, kept) => dropout(graph, x, kept, 0.25),
  embedding,
  'embedding, more ids than rows': embedding,
  'embedding, one row of ids': embedding,
  addToEach,
  firstTokens,
  gelu,
  layerNorm: (graph, x, gain, bias) => layerNorm(graph, x, gain, bias, 1e-12),
  'layerNorm, a large epsilon': (graph, x, gain, bias) => layerNorm(graph, x, gain, bias, 0.5),
  transpose: (graph, x) => transpose(graph, x, [0, 2, 3, 1]),
  splitHeads: (graph, x) => splitHeads(graph, x, 2),
  mergeHeads,
  linear,
  'linear, x of two axes': linear,
  matmul,
  softmax,
  crossEntropy: lossOf,
  'crossEntropy, ignored tokens': lossOf,
  'crossEntropy, large logits': lossOf,
  yesOrNo: (graph, x, labels) => lossOf(graph, yesOrNo(graph, x), labels),
  'yesOrNo, large logits': (graph, x, labels) => lossOf(graph, yesOrNo(graph, x), labels),
};

function lossOf(graph: Graph, scores: Value, targets: Value): Made {
  return { y: scores, ...crossEntropy(graph, scores, targets) };
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL('../golden/ort/operations.json', import.meta.url), 'utf8'),
).map(asFed);

/** Labels of yes and no as the graph is fed them: pairs, each with its share of the mean. */
function asFed(golden: Golden): Golden {
  const { labels, ...inputs } = golden.inputs;
  if (!labels) return golden;
  const pairs = labels.data.flatMap((yes) => [yes / labels.data.length, (1 - yes) / labels.data.length]);
  return { ...golden, inputs: { ...inputs, labels: { ...labels, shape: [...labels.shape, 2], data: pairs } } };
}

function tensor({ type, shape, data }: Plain): Tensor {
  if (type === 'int64') return { type, shape, data: BigInt64Array.from(data, BigInt) };
  return { type, shape, data: type === 'uint8' ? Uint8Array.from(data) : Float32Array.from(data) };
}

/** The sizes of ids, masks and hidden states are names, as in the graphs of a training: nothing may need them known. */
function shapeOf({ shape }: Plain, known: boolean): Value['shape'] {
  return shape.map((size, axis) =>
    known || axis === shape.length - 1 ? size : `${'BSH'[axis]}${shape.length}${size}`,
  );
}

function build({ name, inputs, resultGradient, gradients }: Golden) {
  const graph = new Graph();
  const values = Object.entries(inputs).map(([key, plain]) => {
    // Parameters, and what operations split by heads, have sizes that are known.
    const known = ['table', 'weight', 'gain', 'bias', 'a', 'b'].includes(key) || /Heads|transpose/.test(name);
    return graph.input(key, plain.type as DataType, shapeOf(plain, known || plain.type === 'int64'));
  });
  const made = OPERATIONS[name](graph, ...values);
  const { y, loss, gradient }: Made = 'y' in made ? made : { y: made };
  graph.output('result', loss ?? y);
  const start = gradient ?? graph.input('resultGradient', 'float32', y.shape);
  const names = Object.keys(gradients);
  const parameters = names.map((key) => values[Object.keys(inputs).indexOf(key)]);
  for (const [i, value] of graph.backward(y, start, parameters).entries()) graph.output(`gradient:${names[i]}`, value);
  const feeds = Object.fromEntries(Object.entries(inputs).map(([key, plain]) => [key, tensor(plain)]));
  return { graph: graph.finish(name), feeds: gradient ? feeds : { ...feeds, resultGradient: tensor(resultGradient) } };
}

test('every operation has its case', () => {
  expect(goldens.map(({ name }) => name)).toEqual(Object.keys(OPERATIONS));
});

describe.each(goldens)('$name', (golden) => {
  test('result and gradients as torch has them', async () => {
    const { graph, feeds } = build(golden);
    const results = await (await openGraph(graph))(feeds);
    expect(relative(results.result, golden.result.data)).toBeLessThan(GATES.result);
    for (const [key, { data }] of Object.entries(golden.gradients)) {
      expect(results[`gradient:${key}`].length, key).toBe(data.length);
      expect(relative(results[`gradient:${key}`], data), key).toBeLessThan(GATES.gradient);
    }
  });

  test('gradients as differences of results', async () => {
    const { graph, feeds } = build(golden);
    const run = await openGraph(graph);
    const results = await run(feeds);
    const weights = golden.resultGradient.data;
    const sum = ({ result }: Record<string, Float32Array>) => result.reduce((all, y, i) => all + y * weights[i], 0);
    for (const key of Object.keys(golden.gradients)) {
      const data = feeds[key].data as Float32Array;
      const differences: number[] = [];
      for (const [i, x] of data.entries()) {
        data[i] = x + STEP;
        const above = sum(await run(feeds));
        data[i] = x - STEP;
        differences.push((above - sum(await run(feeds))) / (2 * STEP));
        data[i] = x;
      }
      expect(relative(results[`gradient:${key}`], differences), key).toBeLessThan(DIFFERENCES_GATE);
    }
  });
});

test('gradients of an embedding lose nothing between threads', async () => {
  const [V, D, T] = [100, 384, 4096];
  const graph = new Graph();
  const table = graph.input('table', 'float32', [V, D]);
  const ids = graph.input('ids', 'int64', ['T']);
  const dy = graph.input('dy', 'float32', ['T', D]);
  graph.output('gradient', graph.backward(embedding(graph, table, ids), dy, [table])[0]);
  const run = await openGraph(graph.finish('embedding'), { threads: 2 });
  const feeds: Record<string, Tensor> = {
    table: { type: 'float32', shape: [V, D], data: new Float32Array(V * D) },
    ids: { type: 'int64', shape: [T], data: BigInt64Array.from({ length: T }, (_, i) => BigInt(i % 3)) },
    dy: { type: 'float32', shape: [T, D], data: new Float32Array(T * D).fill(1) },
  };
  for (let i = 0; i < 100; i++) {
    const { gradient } = await run(feeds);
    for (let row = 0; row < 3; row++) {
      const expected = Math.ceil((T - row) / 3);
      expect(gradient.subarray(row * D, (row + 1) * D).every((value) => value === expected)).toBe(true);
    }
  }
});
