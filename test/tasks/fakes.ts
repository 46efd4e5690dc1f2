import type { ModelConfig } from '../../src/model/config.ts';
import type { TaskModel } from '../../src/tasks/task-model.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { TINY_VOCAB } from '../fixtures/tiny-model.ts';

export const tokenizer = Tokenizer.fromVocab(TINY_VOCAB.join('\n'), { do_lower_case: true, model_max_length: 64 });

/** A model without an encoder: logits are `logitsOf(ids)`, for each token that of its id alone; hidden states [T, D] hold id + d / 8. */
export class FakeModel implements TaskModel {
  readonly threads = 1;
  readonly config: ModelConfig;
  /** Sequences per call of the engine. */
  readonly calls: number[] = [];
  disposed = false;
  readonly #logitsOf: (ids: Int32Array) => readonly number[];

  constructor(logitsOf: (ids: Int32Array) => readonly number[], config: Partial<ModelConfig> = {}) {
    this.#logitsOf = logitsOf;
    this.config = { head: 'sequence', labels: ['A', 'B'], positions: 64, dim: 2, ...config } as ModelConfig;
  }

  logits(batch: readonly Int32Array[]): Float32Array {
    this.calls.push(batch.length);
    return Float32Array.from(batch.flatMap((ids) => this.#logitsOf(ids)));
  }

  tokenLogits(batch: readonly Int32Array[]): Float32Array[] {
    this.calls.push(batch.length);
    return batch.map((ids) => Float32Array.from([...ids].flatMap((id) => this.#logitsOf(Int32Array.of(id)))));
  }

  hiddenStates(batch: readonly Int32Array[]): Float32Array[] {
    this.calls.push(batch.length);
    const D = this.config.dim;
    return batch.map((ids) =>
      Float32Array.from({ length: ids.length * D }, (_, i) => ids[Math.floor(i / D)] + (i % D) / 8),
    );
  }

  softmax(values: Float32Array, n: number): Float32Array {
    const result = new Float32Array(values.length);
    for (let row = 0; row < values.length; row += n) {
      const logits = values.subarray(row, row + n);
      const exponentials = logits.map((x) => Math.exp(x - Math.max(...logits)));
      const sum = exponentials.reduce((a, b) => a + b, 0);
      result.set(
        exponentials.map((x) => x / sum),
        row,
      );
    }
    return result;
  }

  sigmoid(values: Float32Array): Float32Array {
    return values.map((x) => 1 / (1 + Math.exp(-x)));
  }

  get module(): WebAssembly.Module {
    throw new Error('fake: there are no kernels here');
  }

  features(): Float32Array {
    throw new Error('fake: no head reads it');
  }

  tokenFeatures(): Float32Array[] {
    throw new Error('fake: no head reads it');
  }

  use(): void {
    throw new Error('fake: a head has no place here');
  }

  dispose(): void {
    this.disposed = true;
  }
}
