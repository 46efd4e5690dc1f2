import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { Graph } from '../../src/ort/graph.ts';
import { encodeModel } from '../../src/ort/onnx.ts';
import { Session, type SessionOptions, type Tensor } from '../../src/ort/session.ts';

const open: Session[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.dispose()));
});

async function sessionOf(
  build: (graph: Graph) => void,
  options: SessionOptions = { device: 'cpu', threads: 1 },
): Promise<Session> {
  const graph = new Graph();
  build(graph);
  const session = await Session.create(encodeModel(graph.finish('test')), options);
  open.push(session);
  return session;
}

function float(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: 'float32', shape, data: Float32Array.from(values) };
}

/** Without a pattern that sums could hide behind. */
function noise(shape: readonly number[], seed: number): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return float(
    shape,
    Array.from({ length }, (_, i) => Math.sin((i + 1) * seed * 1.37)),
  );
}

/** sum = a + b, of two values each. */
const sum = (graph: Graph) => {
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'float32', [2]));
  graph.output('sum', graph.node('Add', [a, b], [2]));
};

/** Products of N x N matrices, enough of them to take a while. */
const slow = (graph: Graph) => {
  const N = 500;
  const x = graph.input('x', 'float32', [N, N]);
  let y = x;
  for (let i = 0; i < 20; i++) y = graph.node('MatMul', [y, x], [N, N]);
  graph.output('y', y);
};
const slowFeed = { x: noise([500, 500], 1) };

describe('tensors', () => {
  test('what is written stays; what is fed is for one run', async () => {
    const session = await sessionOf(sum);
    await session.write('a', float([2], [1, 2]));
    expect((await session.run({ b: float([2], [10, 20]) }, ['sum'])).sum).toEqual(float([2], [11, 22]));
    expect((await session.run({ a: float([2], [0, 0]), b: float([2], [1, 1]) }, ['sum'])).sum).toEqual(
      float([2], [1, 1]),
    );
    expect((await session.run({ b: float([2], [1, 1]) }, ['sum'])).sum).toEqual(float([2], [2, 3]));
    expect(await session.read('a')).toEqual(float([2], [1, 2]));
  });

  test("the caller's stay whole, and of a view only what it looks at is taken", async () => {
    const session = await sessionOf(sum);
    const all = Float32Array.of(9, 9, 1, 2, 9);
    const a: Tensor = { type: 'float32', shape: [2], data: all.subarray(2, 4) };
    await session.write('a', a);
    const { sum: total } = await session.run({ b: a }, ['sum']);
    expect(total).toEqual(float([2], [2, 4]));
    expect(total.data.buffer.byteLength).toBe(8);
    expect(all).toEqual(Float32Array.of(9, 9, 1, 2, 9));
  });

  test('external data', async () => {
    const options = { externalData: [{ path: 'beside', data: new Uint8Array(Float32Array.of(7, 1, 2).buffer) }] };
    const session = await sessionOf(
      (graph) => {
        const data = { location: 'beside', offset: 4, length: 8 };
        const w = graph.initializer({ name: 'w', type: 'float32', shape: [2], data });
        graph.output('y', graph.node('Neg', [w], [2]));
      },
      { device: 'cpu', threads: 1, ...options },
    );
    expect((await session.run({}, ['y'])).y).toEqual(float([2], [-1, -2]));
  });

  test('calls are taken in their order, also by one who does not wait', async () => {
    const session = await sessionOf((graph) => {
      const x = graph.input('x', 'float32', [1]);
      graph.output('next', graph.node('Add', [x, graph.float(1)], [1]));
    });
    const state = new Map([['x', 'next']]);
    const calls = [
      session.write('x', float([1], [5])),
      session.run({}, [], state),
      session.read('x'),
      session.run({}, [], state),
      session.read('x'),
    ];
    const results = await Promise.all(calls);
    expect(results[2]).toEqual(float([1], [6]));
    expect(results[4]).toEqual(float([1], [7]));
  });
});

describe('state', () => {
  const [M, K, N] = [24, 40, 32];
  /** Three nodes read w: a product, the gradient of what is below it, and the step, which depends on both. */
  const step = (graph: Graph) => {
    const [x, w, m] = [
      graph.input('x', 'float32', [M, K]),
      graph.input('w', 'float32', [K, N]),
      graph.input('m', 'float32', [K, N]),
    ];
    const y = graph.node('Tanh', [graph.node('MatMul', [x, w], [M, N])], [M, N]);
    const dx = graph.node('MatMul', [y, graph.node('Transpose', [w], [N, K], { perm: [1, 0] })], [M, K]);
    const dw = graph.node('Gemm', [dx, y], [K, N], { transA: 1 });
    const newM = graph.node('Add', [graph.node('Mul', [m, graph.float(0.9)], [K, N]), dw], [K, N]);
    const kept = graph.node('Mul', [w, graph.float(0.99)], [K, N]);
    graph.output('newW', graph.node('Sub', [kept, graph.node('Mul', [newM, graph.float(1e-3)], [K, N])], [K, N]));
    graph.output('newM', newM);
    graph.output('loss', graph.node('ReduceSumSquare', [dx], [], { keepdims: 0 }));
  };
  const initial = { w: noise([K, N], 2), m: float([K, N], new Float32Array(K * N)) };

  test.each(['none', 'basic'] as const)('in place has the bits of a copy, optimization %s', async (optimization) => {
    const session = await sessionOf(step, { device: 'cpu', threads: 1, optimization });
    let { w, m } = initial;
    const losses = [];
    for (let i = 0; i < 4; i++) {
      const result = await session.run({ x: noise([M, K], i + 3), w, m }, ['loss', 'newW', 'newM']);
      [w, m] = [result.newW, result.newM];
      losses.push(result.loss);
    }
    for (const [name, tensor] of Object.entries(initial)) await session.write(name, tensor);
    const state = new Map([
      ['w', 'newW'],
      ['m', 'newM'],
    ]);
    const inPlace = [];
    for (let i = 0; i < 4; i++) inPlace.push((await session.run({ x: noise([M, K], i + 3) }, ['loss'], state)).loss);
    expect(inPlace).toEqual(losses);
    expect(await session.read('w')).toEqual(w);
    expect(await session.read('m')).toEqual(m);
  });

  test('a new state that is an output too', async () => {
    const session = await sessionOf(sum);
    await session.write('a', float([2], [1, 2]));
    const result = await session.run({ b: float([2], [1, 1]) }, ['sum'], new Map([['a', 'sum']]));
    expect(result.sum).toEqual(float([2], [2, 3]));
    expect(await session.read('a')).toEqual(float([2], [2, 3]));
  });
});

test.each([
  [2, 64, 384, 1536],
  [4, 333, 129, 65],
])('%i threads compute the bits of one: [%i, %i] times [.., %i]', async (threads, M, K, N) => {
  const products = (graph: Graph) => {
    const [x, w] = [graph.input('x', 'float32', [M, K]), graph.input('w', 'float32', [K, N])];
    const product = graph.node('MatMul', [x, w], [M, N]);
    graph.output('product', product);
    graph.output('rows', graph.node('ReduceSum', [product, graph.integers([-1])], [M], { keepdims: 0 }));
    graph.output('columns', graph.node('ReduceSum', [product, graph.integers([0])], [N], { keepdims: 0 }));
    graph.output('all', graph.node('ReduceSumSquare', [product], [], { keepdims: 0 }));
  };
  const feeds = { x: noise([M, K], 1), w: noise([K, N], 2) };
  const outputs = ['product', 'rows', 'columns', 'all'] as const;
  const one = await (await sessionOf(products)).run(feeds, outputs);
  const several = await (await sessionOf(products, { device: 'cpu', threads })).run(feeds, outputs);
  expect(several).toEqual(one);
});

describe('errors', () => {
  test.each([
    ['an input that is missing', () => ({}), ['sum'], DataError, /^onnxruntime: input 'a' is missing/],
    [
      'another shape',
      () => ({ a: float([3], [1, 2, 3]) }),
      ['sum'],
      DataError,
      /^onnxruntime: .*Got: 3 Expected: 2.*$/,
    ],
    ['too few values', () => ({ a: float([2], [1]) }), ['sum'], DataError, /^onnxruntime: .*size\(2\).*length\(1\)/],
    [
      'no such output',
      () => ({ a: float([2], [1, 2]) }),
      ['nope'],
      UsageError,
      /^nope: expected an output of the graph/,
    ],
  ])('%s; the next run succeeds', async (_, feeds, outputs, kind, message) => {
    const session = await sessionOf(sum);
    const b = float([2], [1, 1]);
    const fault = await session.run({ ...feeds(), b }, outputs).catch((error) => error);
    expect(fault).toBeInstanceOf(kind);
    expect(fault.message).toMatch(message);
    expect(fault.message).not.toContain('\n');
    expect((await session.run({ a: b, b }, ['sum'])).sum).toEqual(float([2], [2, 2]));
  });

  test('a state that was not written, or that no output gives', async () => {
    const session = await sessionOf(sum);
    const feeds = { a: float([2], [1, 2]), b: float([2], [1, 2]) };
    await expect(session.read('a')).rejects.toThrow(new UsageError('a: expected a tensor that was written, got none'));
    await expect(session.run(feeds, [], new Map([['a', 'sum']]))).rejects.toThrow(UsageError);
    await session.write('a', feeds.a);
    await expect(session.run(feeds, [], new Map([['a', 'nope']]))).rejects.toThrow(UsageError);
  });

  test('what is no model', async () => {
    await expect(Session.create(new Uint8Array(20), { device: 'cpu' })).rejects.toThrow(DataError);
  });

  test('a thread that ends rejects what is pending and what comes', async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage');
    const session = await sessionOf(sum);
    post.mockImplementationOnce(() => {});
    const pending = session.read('a').catch((error) => error);
    await (post.mock.contexts[0] as Worker).terminate();
    post.mockRestore();
    expect(await pending).toEqual(new DataError('onnxruntime: expected its thread to go on, got exit code 1'));
    await expect(session.read('a')).rejects.toThrow(DataError);
  });
});

describe('life', () => {
  test('the event loop goes on while it runs', async () => {
    const session = await sessionOf(slow);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await session.run(slowFeed, ['y']);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test('disposed of in the midst of a run: the run rejects, the process lives', async () => {
    const session = await sessionOf(slow);
    const disposed = new UsageError('session: expected one that was not disposed of');
    const run = session.run(slowFeed, ['y']).catch((error) => error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const ends = [session.dispose(), session.dispose()];
    expect(await run).toEqual(disposed);
    await Promise.all(ends);
    await expect(session.run({}, ['y'])).rejects.toEqual(disposed);
  });

  test('a session that is forgotten does not keep its process', () => {
    const from = (path: string) => JSON.stringify(new URL(`../../src/ort/${path}.ts`, import.meta.url));
    const program = `
      import { Graph } from ${from('graph')};
      import { encodeModel } from ${from('onnx')};
      import { Session } from ${from('session')};
      const graph = new Graph();
      graph.output('y', graph.node('Neg', [graph.input('x', 'float32', [1])], [1]));
      const session = await Session.create(encodeModel(graph.finish('test')), { device: 'cpu', threads: 1 });
      const x = { type: 'float32', shape: [1], data: Float32Array.of(5) };
      console.log((await session.run({ x }, ['y'])).y.data[0]);`;
    const options = { encoding: 'utf8', timeout: 30_000 } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], options)).toBe('-5\n');
  });
});

test('without TF32: what CUDA reads is set in the environment of the process, not of Node alone', async () => {
  const native = () =>
    (process.report.getReport() as { environmentVariables: Record<string, string> }).environmentVariables;
  expect(native().NVIDIA_TF32_OVERRIDE).toBeUndefined();
  await sessionOf(sum, { device: 'cpu', threads: 1, tf32: false });
  expect(native().NVIDIA_TF32_OVERRIDE).toBe('0');
});
