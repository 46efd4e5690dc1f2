import { readTensorFile, writeTensorFile } from '../../src/model/tensor-file.ts';
import type { Evaluation, Step, StepResult, TrainingBackend } from '../../src/train/backend.ts';
import type { ModelFiles } from '../../src/train/run-checkpoints.ts';

const SHAPES = new Map([['w', [4]]]);

/** The weights of {@link FakeBackend} in a file of their own. */
export const fakeModel: ModelFiles = {
  shapes: SHAPES,
  save: (weights) => ({ 'head.safetensors': writeTensorFile(weights, SHAPES) }),
  load: (files) => readTensorFile(files['head.safetensors'], 'head.safetensors').tensors(SHAPES),
};

/** A quadratic bowl with Adam's moments and noise that comes from the number of the step: whatever is lost, shows. */
export class FakeBackend implements TrainingBackend {
  readonly w = new Float32Array(4).fill(1);
  readonly m = new Float32Array(4);
  readonly v = new Float32Array(4);
  /** Rows of every step. */
  readonly seen: number[][] = [];
  readonly rates: number[] = [];
  /** Steps of every call. */
  readonly handed: number[] = [];
  evaluations = 0;
  readonly stepsAtOnce: number;

  constructor(stepsAtOnce = 1) {
    this.stepsAtOnce = stepsAtOnce;
  }

  steps(steps: readonly Step[]): StepResult[] {
    this.handed.push(steps.length);
    return steps.map(({ rows, step, learningRate }) => this.step(rows, step, learningRate));
  }

  step(rows: readonly number[], step: number, learningRate: number): StepResult {
    this.seen.push([...rows]);
    this.rates.push(learningRate);
    let loss = 0;
    for (let d = 0; d < 4; d++) {
      const gradient = rows.reduce((sum, row) => sum + this.w[d] - ((row * (d + 1)) % 7) / 7, (step % 3) / 10);
      loss += (gradient * gradient) / rows.length;
      this.m[d] = 0.9 * this.m[d] + 0.1 * gradient;
      this.v[d] = 0.99 * this.v[d] + 0.01 * gradient * gradient;
      this.w[d] -= (learningRate * this.m[d]) / (Math.sqrt(this.v[d]) + 1e-3);
    }
    return { loss, gradNorm: Math.sqrt(loss) };
  }

  evaluate(): Evaluation {
    this.evaluations++;
    return { loss: this.w.reduce((sum, w) => sum + w * w, 0), logits: this.w.slice() };
  }

  state(): Map<string, Float32Array> {
    return new Map([
      ['w', this.w.slice()],
      ['w.exp_avg', this.m.slice()],
      ['w.exp_avg_sq', this.v.slice()],
    ]);
  }

  restore(state: ReadonlyMap<string, Float32Array>): void {
    this.w.set(state.get('w') as Float32Array);
    this.m.set(state.get('w.exp_avg') as Float32Array);
    this.v.set(state.get('w.exp_avg_sq') as Float32Array);
  }
}
