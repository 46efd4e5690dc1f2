import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { DATA_TYPES, type DataType, encodeModel, type Initializer, type OnnxGraph } from '../../src/ort/onnx.ts';
import type { TensorData } from '../../src/ort/tensor.ts';

/* What is written, as ONNX Runtime reads it. */

const EMPTY: OnnxGraph = { name: 'test', nodes: [], initializers: [], inputs: [], outputs: [] };

async function outputsOf(
  graph: OnnxGraph,
  feeds: Record<string, Tensor> = {},
  externalData: { path: string; data: Uint8Array }[] = [],
) {
  const session = await InferenceSession.create(encodeModel(graph, { key: 'välue' }), { externalData });
  const results = await session.run(feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data, dims }]) => [name, { data, dims }]));
}

function initializer(name: string, type: DataType, shape: readonly number[], data: TensorData): Initializer {
  return { name, type, shape, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** x = [[1, 2], [3, 4]]. */
const x = new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
const X = { name: 'x', type: 'float32', shape: [2, 2] } as const;
const float = (name: string, shape: readonly (number | string)[]) => ({ name, type: 'float32', shape }) as const;

test('attributes: int, negative int, float, string, ints; an input left out', async () => {
  const graph: OnnxGraph = {
    ...EMPTY,
    nodes: [
      { op: 'Gemm', inputs: ['x', 'x'], outputs: ['gemm'], attributes: { alpha: { float: 0.5 }, transB: 1 } },
      { op: 'Pad', inputs: ['x', 'pads'], outputs: ['padded'], attributes: { mode: 'edge' } },
      { op: 'Transpose', inputs: ['padded'], outputs: ['transposed'], attributes: { perm: [1, 0] } },
      { op: 'Concat', inputs: ['x', 'gemm'], outputs: ['beside'], attributes: { axis: -1 } },
      { op: 'Clip', inputs: ['x', '', 'most'], outputs: ['clipped'], attributes: {} },
    ],
    initializers: [
      initializer('pads', 'int64', [4], BigInt64Array.of(0n, -1n, 0n, 2n)),
      initializer('most', 'float32', [], Float32Array.of(3)),
    ],
    inputs: [X],
    outputs: [
      float('gemm', [2, 2]),
      float('transposed', ['W', 'H']),
      float('beside', [2, 4]),
      float('clipped', [2, 2]),
    ],
  };
  expect(await outputsOf(graph, { x })).toEqual({
    gemm: { data: Float32Array.of(2.5, 5.5, 5.5, 12.5), dims: [2, 2] },
    transposed: { data: Float32Array.of(2, 4, 2, 4, 2, 4), dims: [3, 2] },
    beside: { data: Float32Array.of(1, 2, 2.5, 5.5, 3, 4, 5.5, 12.5), dims: [2, 4] },
    clipped: { data: Float32Array.of(1, 2, 3, 3), dims: [2, 2] },
  });
});

test('a graph within a graph, which reads a value of the one around it; negative ints in a list', async () => {
  const body: OnnxGraph = {
    ...EMPTY,
    name: 'body',
    nodes: [
      { op: 'Mul', inputs: ['column', 'ten'], outputs: ['tenfold'], attributes: {} },
      { op: 'Add', inputs: ['sum', 'tenfold'], outputs: ['next'], attributes: {} },
      { op: 'Identity', inputs: ['next'], outputs: ['each'], attributes: {} },
    ],
    inputs: [float('sum', [2]), float('column', [2])],
    outputs: [float('next', [2]), float('each', [2])],
  };
  const graph: OnnxGraph = {
    ...EMPTY,
    nodes: [
      {
        op: 'Scan',
        inputs: ['zero', 'x'],
        outputs: ['last', 'all'],
        attributes: { body: { graph: body }, num_scan_inputs: 1, scan_input_axes: [-1] },
      },
    ],
    initializers: [
      initializer('zero', 'float32', [2], Float32Array.of(0, 0)),
      initializer('ten', 'float32', [], Float32Array.of(10)),
    ],
    inputs: [X],
    outputs: [float('last', [2]), float('all', ['K', 2])],
  };
  expect(await outputsOf(graph, { x })).toEqual({
    last: { data: Float32Array.of(30, 70), dims: [2] },
    all: { data: Float32Array.of(10, 30, 30, 70), dims: [2, 2] },
  });
});

test('an initializer that lies within a buffer beside the model', async () => {
  const graph: OnnxGraph = {
    ...EMPTY,
    nodes: [{ op: 'Sub', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
    initializers: [{ name: 'w', type: 'float32', shape: [2, 2], data: { location: 'beside', offset: 8, length: 16 } }],
    inputs: [X],
    outputs: [float('y', [2, 2])],
  };
  const data = new Uint8Array(Float32Array.of(9, 9, 1, 1, 2, 2, 9).buffer);
  const { y } = await outputsOf(graph, { x }, [{ path: 'beside', data }]);
  expect(y.data).toEqual(Float32Array.of(0, 1, 1, 2));
});

const VALUES: Record<DataType, TensorData> = {
  float32: Float32Array.of(-1.5, 3.25e-40),
  float64: Float64Array.of(-1.5, 1e-300),
  int32: Int32Array.of(-(2 ** 31), 7),
  int64: BigInt64Array.of(-(2n ** 40n), 2n ** 62n),
  int8: Int8Array.of(-128, 127),
  uint8: Uint8Array.of(0, 255),
  bool: Uint8Array.of(0, 1),
};

test.each(Object.keys(DATA_TYPES) as DataType[])('a tensor of %s', async (type) => {
  const graph: OnnxGraph = {
    ...EMPTY,
    nodes: [{ op: 'Identity', inputs: ['w'], outputs: ['y'], attributes: {} }],
    initializers: [initializer('w', type, [2], VALUES[type])],
    outputs: [{ name: 'y', type, shape: [2] }],
  };
  expect((await outputsOf(graph)).y.data).toEqual(VALUES[type]);
});
