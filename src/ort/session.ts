import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DataError, UsageError } from '../errors.ts';
import type { Answer, Call, SessionOptions } from './session-worker.ts';
import type { Tensor } from './tensor.ts';

export type { SessionOptions, Tensor };

/** The same file name as this one's neighbour, .ts in the sources and .js where they are built. */
const WORKER = new URL(`./session-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * A session of ONNX Runtime in a thread of its own, since its `run` blocks the one that it is called on; the way there and back is 50 µs. Tensors
 * that are written stay there, so that the state of a training does not travel at every step. What is fed is copied, 20 MB in 11 ms of a
 * step of a second or more: handed over as it is, it would be lost to the caller.
 */
export class Session {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #calls = 0;
  #ended: Error | undefined;

  private constructor() {
    // Flags of the process may be such as a file does not take, as --input-type beside -e.
    this.#worker = new Worker(WORKER, { execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', ({ id, result, error }: Answer) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (this.#pending.size === 0 && !this.#ended) this.#worker.unref();
      if (error) pending?.reject(faultOf(error));
      else pending?.resolve(result);
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#end(new DataError(`onnxruntime: expected its thread to go on, got exit code ${code}`));
        resolve();
      });
    });
  }

  /**
   * @param model a serialised ModelProto
   * @throws UsageError where onnxruntime-node can't be had
   * @throws DataError where ONNX Runtime refuses the model or the device, of which device.ts tells why
   */
  static async create(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const session = new Session();
    // CUDA's libraries read the environment of the process, which the main thread's process.env sets and a worker's own does not.
    if (options.tf32 === false) process.env.NVIDIA_TF32_OVERRIDE = '0';
    try {
      await session.#call({ kind: 'create', model, options });
      return session;
    } catch (error) {
      await session.dispose();
      throw error;
    }
  }

  /** Puts a tensor under the name of an input; it is fed to every run until another is written. */
  async write(name: string, tensor: Tensor): Promise<void> {
    const copy = copied(tensor);
    await this.#call({ kind: 'write', name, tensor: copy }, [copy]);
  }

  /** A copy of a tensor that was written, as the runs since have left it. */
  async read(name: string): Promise<Tensor> {
    return (await this.#call({ kind: 'read', name })) as Tensor;
  }

  /**
   * @param state written inputs by name, each with the output that takes its place. On the CPU it does so at once, and nodes run in no order but
   * that of their data: the output must depend on every node that reads the input, or those that come later read the new values.
   * @throws UsageError where the graph has no such output
   * @throws DataError where ONNX Runtime fails; of the state nothing is then known
   */
  async run<Name extends string>(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly Name[],
    state: ReadonlyMap<string, string> = new Map(),
  ): Promise<Record<Name, Tensor>> {
    const copies = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, copied(tensor)]));
    const call: Call = { kind: 'run', feeds: copies, outputs, state };
    return (await this.#call(call, Object.values(copies))) as Record<Name, Tensor>;
  }

  /**
   * Ends the thread, after the run it is in, if any: `terminate` in the midst of one aborts the process. What is pending rejects at once; a
   * second time does nothing.
   */
  async dispose(): Promise<void> {
    if (!this.#ended) {
      this.#end(new UsageError('session: expected one that was not disposed of'));
      this.#worker.ref();
      this.#worker.postMessage({ call: { kind: 'end' } satisfies Call });
    }
    await this.#exited;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #call(call: Call, handedOver: readonly Tensor[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(
        { id, call },
        handedOver.map(({ data }) => data.buffer as ArrayBuffer),
      );
    });
  }
}

/** In a buffer of its own, to hand over. A message takes the whole buffer of a view: 100 ms for 20 MB of 80. */
function copied({ type, shape, data }: Tensor): Tensor {
  return { type, shape, data: data.slice() };
}

function faultOf({ name, message }: { name: string; message: string }): Error {
  return name === 'UsageError' ? new UsageError(message) : new DataError(message);
}
