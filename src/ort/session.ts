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
 * A session of ONNX Runtime in a thread of its own, since its `run` blocks the one that it is called on. Tensors that are written stay there, so
 * that the state of a training does not travel at every step; what is fed is copied (7 MB of masks: 2 ms of a step of 1 s).
 */
export class Session {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #ended: Error | undefined;

  private constructor() {
    this.#worker = new Worker(WORKER);
    this.#worker.unref();
    this.#worker.on('message', ({ id, result, error }: Answer) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#worker.unref();
      if (error) pending?.reject(faultOf(error));
      else pending?.resolve(result);
    });
    const end = (error: Error) => {
      this.#ended ??= error;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', (code) =>
      end(new DataError(`onnxruntime: expected its thread to go on, got exit code ${code}`)),
    );
  }

  /**
   * @param model a serialised ModelProto
   * @throws UsageError where onnxruntime-node or the device can't be had
   * @throws DataError where ONNX Runtime refuses the model
   */
  static async create(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const session = new Session();
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
    await this.#call({ kind: 'write', name, tensor });
  }

  /** A copy of a tensor that was written, as the runs since have left it. */
  async read(name: string): Promise<Tensor> {
    return (await this.#call({ kind: 'read', name })) as Tensor;
  }

  /**
   * @param state written inputs by name, each with the output that takes its place
   * @throws DataError where ONNX Runtime fails; of the state nothing is then known
   */
  async run<Name extends string>(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly Name[],
    state: ReadonlyMap<string, string> = new Map(),
  ): Promise<Record<Name, Tensor>> {
    return (await this.#call({ kind: 'run', feeds, outputs, state })) as Record<Name, Tensor>;
  }

  /** Ends the thread; a second time does nothing. */
  async dispose(): Promise<void> {
    this.#ended ??= new UsageError('session: expected one that was not disposed of');
    await this.#worker.terminate();
  }

  #call(call: Call): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, call });
    });
  }
}

function faultOf({ name, message }: { name: string; message: string }): Error {
  return name === 'UsageError' ? new UsageError(message) : new DataError(message);
}
