import { on } from 'node:events';
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { DataError, UsageError } from '../errors.ts';
import { loadRuntime, type Runtime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

export interface SessionOptions {
  device: 'cpu' | 'cuda';
  /** Default: as many as there are cores. */
  threads?: number;
  /** What initializers of the model lie in, by their location. */
  externalData?: readonly { path: string; data: Uint8Array }[];
  /** `none` computes each node as it stands. Default `basic`: more brings BiasSoftmax, which needs cuDNN, and no speed. */
  optimization?: 'none' | 'basic';
  /**
   * Default true, as CUDA has it: products of f32 with 10 bits of mantissa. False turns it off for the whole process, and has to come before
   * its first session on CUDA, from its main thread.
   */
  tf32?: boolean;
}

export type Call =
  | { kind: 'create'; model: Uint8Array; options: SessionOptions }
  | { kind: 'write'; name: string; tensor: Tensor }
  | { kind: 'read'; name: string }
  | {
      kind: 'run';
      feeds: Readonly<Record<string, Tensor>>;
      outputs: readonly string[];
      state: ReadonlyMap<string, string>;
    }
  | { kind: 'end' };

/** A tensor read, the outputs of a run by name, or nothing. */
export type Result = Tensor | Record<string, Tensor> | undefined;

export interface Answer {
  id: number;
  result?: Result;
  error?: { name: string; message: string };
}

let runtime: Runtime;
let session: InferenceSession;
let inPlace: boolean;
const kept = new Map<string, OrtTensor>();

async function answer(call: Exclude<Call, { kind: 'end' }>): Promise<Result> {
  switch (call.kind) {
    case 'create':
      await create(call.model, call.options);
      return;
    case 'write':
      kept.set(call.name, toRuntime(call.tensor));
      return;
    case 'read':
      return fromRuntime(keptTensor(call.name));
    case 'run':
      return run(call.feeds, call.outputs, call.state);
  }
}

async function create(model: Uint8Array, options: SessionOptions): Promise<void> {
  const { device, threads = 0, externalData = [], optimization = 'basic' } = options;
  runtime = await loadRuntime();
  inPlace = device === 'cpu';
  session = await runtime.InferenceSession.create(model, {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimization === 'none' ? 'disabled' : 'basic',
    externalData,
    logSeverityLevel: 3,
  });
}

async function run(
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
  state: ReadonlyMap<string, string>,
): Promise<Record<string, Tensor>> {
  for (const name of [...outputs, ...state.values()]) {
    // onnxruntime-node leaves out what it does not know, and the state would stay as it was.
    if (!session.outputNames.includes(name)) throw new UsageError(`${name}: expected an output of the graph, got none`);
  }
  const inputs = Object.fromEntries(kept);
  for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toRuntime(tensor);
  const fetches: Record<string, OrtTensor | null> = Object.fromEntries(outputs.map((name) => [name, null]));
  for (const [input, output] of state) {
    // The new state is written over the old one: a second copy would be 270 MB for MiniLM, its pages faulted in at every step.
    fetches[output] = inPlace ? keptTensor(input) : null;
  }
  const results = await session.run(inputs, fetches);
  if (!inPlace) for (const [input, output] of state) kept.set(input, results[output] as OrtTensor);
  return Object.fromEntries(outputs.map((name) => [name, fromRuntime(results[name] as OrtTensor)]));
}

function keptTensor(name: string): OrtTensor {
  const tensor = kept.get(name);
  if (!tensor) throw new UsageError(`${name}: expected a tensor that was written, got none`);
  return tensor;
}

function toRuntime({ type, shape, data }: Tensor): OrtTensor {
  return new runtime.Tensor(type as 'float32', data as Float32Array, shape as number[]);
}

function fromRuntime({ type, dims, data }: OrtTensor): Tensor {
  return { type: type as Tensor['type'], shape: dims, data: (data as Float32Array).slice() };
}

/** In one line, as the command line prints it. */
function told(error: unknown): { name: string; message: string } {
  const { name, message } = error as Error;
  const known = [DataError, UsageError].some((kind) => error instanceof kind);
  return { name, message: known ? message : `onnxruntime: ${message.trim().replace(/\s*\n\s*/g, ' ')}` };
}

function buffersOf(result: Result): ArrayBuffer[] {
  const tensors = (result === undefined ? [] : 'data' in result ? [result] : Object.values(result)) as Tensor[];
  return tensors.map(({ data }) => data.buffer as ArrayBuffer);
}

const port = parentPort as MessagePort;
// One call at a time, in their order: onnxruntime-node puts off the start of a run, so that calls behind it would overtake it.
for await (const [{ id, call }] of on(port, 'message') as AsyncIterable<[{ id: number; call: Call }]>) {
  if (call.kind === 'end') break;
  try {
    const result = await answer(call);
    port.postMessage({ id, result } satisfies Answer, buffersOf(result));
  } catch (error) {
    port.postMessage({ id, error: told(error) } satisfies Answer);
  }
}
