import { rowsOfStep, type TrainingArguments } from './arguments.ts';
import type { Evaluation, Step, TrainingBackend } from './backend.ts';
import { judge } from './best-model.ts';
import { type CheckpointStore, MemoryCheckpoints } from './checkpoints.ts';
import { pauses } from './pause.ts';
import { shuffled } from './random.ts';
import { type ModelFiles, RunCheckpoints, weightsOf } from './run-checkpoints.ts';
import { type RunIdentity, type RunState, startOfRun } from './run-state.ts';
import { epochAfter, learningRate, type Plan, planRun } from './schedule.ts';
import { type LogEntry, type TrainerState, trainerState } from './trainer-state.ts';

export interface StepProgress {
  step: number;
  steps: number;
  epoch: number;
  loss: number;
}

export interface TrainerOptions {
  backend: TrainingBackend;
  arguments: TrainingArguments;
  /** Rows of the training set. */
  rows: number;
  /** The order of the rows in an epoch, which comes from its number alone; default shuffled by the seed. */
  orderOf?: (epoch: number) => Uint32Array;
  model: ModelFiles;
  /** What tells these data and this encoder from others: a checkpoint of others is refused. */
  fingerprint: string;
  /** Tokens of a row, for the record. */
  maxLength?: number;
  /** Metrics of an evaluation's logits under their plain names; the loss is the back end's. */
  metrics?: (logits: Float32Array) => Record<string, number>;
  /** Default memory. */
  checkpoints?: CheckpointStore;
  onStep?: (progress: StepProgress) => void;
  onLog?: (entry: LogEntry) => void;
  /** Training rejects with its reason, between two steps. */
  signal?: AbortSignal;
}

export interface EvaluationMetrics extends Evaluation {
  /** By their names in the log: `eval_loss`, `eval_accuracy`, … */
  metrics: Record<string, number>;
}

export interface TrainOutput {
  state: TrainerState;
  /** Those of the best model where that was asked for, else the last. */
  weights: ReadonlyMap<string, Float32Array>;
  /** What these weights give on the evaluation set. */
  evaluation?: EvaluationMetrics;
}

/**
 * The training loop of transformers' `Trainer` over any back end: schedule, log, evaluation, best model, early stopping
 * and checkpoints. One seed gives one result, bit for bit, however often the run is broken off and resumed.
 */
export class Trainer {
  readonly #options: TrainerOptions;
  readonly #identity: RunIdentity;
  readonly #checkpoints: RunCheckpoints;

  constructor(options: TrainerOptions) {
    const { arguments: args, rows, fingerprint, maxLength, checkpoints = new MemoryCheckpoints() } = options;
    this.#options = options;
    this.#identity = { arguments: args, plan: planRun(rows, args), fingerprint, maxLength };
    this.#checkpoints = new RunCheckpoints(checkpoints, options.model, options.backend, this.#identity);
  }

  /**
   * @param resume go on from the newest checkpoint, if there is one; the result is that of an unbroken run
   * @throws DataError where a checkpoint is damaged or of other data
   * @throws UsageError where it is of other arguments
   */
  async train({ resume = false } = {}): Promise<TrainOutput> {
    const { backend, model, arguments: args, metrics } = this.#options;
    const { plan } = this.#identity;
    const started = performance.now();
    const run = (resume && (await this.#checkpoints.resume())) || startOfRun();
    const from = run.step;

    await this.#steps(run);
    run.log.push(summary(run, from, performance.now() - started, args, plan));
    this.#options.onLog?.(run.log[run.log.length - 1]);
    if (args.load_best_model_at_end && run.bestCheckpoint !== null) await this.#checkpoints.restore(run.bestCheckpoint);
    return {
      state: trainerState(run, this.#identity),
      weights: weightsOf(await backend.state(), model),
      evaluation: metrics && (await this.#evaluate()),
    };
  }

  async #steps(run: RunState): Promise<void> {
    const { backend, arguments: args, rows, onStep, signal } = this.#options;
    const { orderOf = (epoch) => shuffled(rows, args.seed, epoch) } = this.#options;
    const { plan } = this.#identity;
    const pause = pauses(signal);
    const batch = rowsOfStep(args);
    let order: Uint32Array = new Uint32Array(0);
    let epoch = -1;
    const stepAfter = (done: number): Step => {
      const inEpoch = done % plan.stepsPerEpoch;
      if (epoch !== Math.floor(done / plan.stepsPerEpoch)) {
        epoch = Math.floor(done / plan.stepsPerEpoch);
        order = orderOf(epoch);
      }
      const chosen = Array.from(order.subarray(inEpoch * batch, (inEpoch + 1) * batch));
      return { rows: chosen, step: done + 1, learningRate: learningRate(done + 1, plan, args) };
    };
    while (run.step < plan.maxSteps && !run.stopped) {
      await pause();
      const steps = [stepAfter(run.step)];
      while (steps.length < backend.stepsAtOnce && !this.#isEvent(run.step + steps.length)) {
        steps.push(stepAfter(run.step + steps.length));
      }
      const results = await backend.steps(steps);
      for (const [i, { loss, gradNorm }] of results.entries()) {
        run.step++;
        run.totalLoss += loss;
        run.lossSinceLog += loss;
        onStep?.({ step: run.step, steps: plan.maxSteps, epoch: epochAfter(run.step, plan), loss });
        if (run.step % args.logging_steps === 0) {
          const { learningRate } = steps[i];
          this.#log(run, {
            loss: run.lossSinceLog / args.logging_steps,
            grad_norm: gradNorm,
            learning_rate: learningRate,
          });
          run.lossSinceLog = 0;
        }
      }
      await this.#endOfStep(run);
    }
  }

  /** Whether the weights are asked for after a step: to be evaluated or saved, or because it is the last. */
  #isEvent(step: number): boolean {
    const { eval_strategy, eval_steps, save_strategy, save_steps } = this.#options.arguments;
    return (
      step === this.#identity.plan.maxSteps ||
      this.#due(eval_strategy, eval_steps, step) ||
      this.#due(save_strategy, save_steps, step)
    );
  }

  #due(strategy: 'no' | 'steps' | 'epoch', every: number, step: number): boolean {
    const { maxSteps, stepsPerEpoch } = this.#identity.plan;
    if (strategy === 'no') return false;
    return step === maxSteps || step % (strategy === 'steps' ? every : stepsPerEpoch) === 0;
  }

  /**
   * Evaluates and saves where that is due after a step. The checkpoint comes last, so that a resumed run never has a
   * part of a step left to do; transformers saves ahead of an evaluation of another strategy.
   */
  async #endOfStep(run: RunState): Promise<void> {
    const { arguments: args } = this.#options;
    if (this.#due(args.eval_strategy, args.eval_steps, run.step)) {
      const { metrics } = await this.#evaluate();
      this.#log(run, metrics);
      judge(run, metrics, args);
    }
    // A run that stops within an epoch ends that epoch.
    if (this.#due(args.save_strategy, args.save_steps, run.step) || (run.stopped && args.save_strategy === 'epoch')) {
      await this.#checkpoints.save(run);
    }
  }

  async #evaluate(): Promise<EvaluationMetrics> {
    const { backend, metrics } = this.#options;
    const evaluation = await backend.evaluate();
    const figures = Object.entries(metrics?.(evaluation.logits) ?? {}).map(([name, value]) => [`eval_${name}`, value]);
    return { ...evaluation, metrics: { eval_loss: evaluation.loss, ...Object.fromEntries(figures) } };
  }

  #log(run: RunState, figures: Readonly<Record<string, number>>): void {
    const entry = { ...figures, epoch: epochAfter(run.step, this.#identity.plan), step: run.step };
    run.log.push(entry);
    this.#options.onLog?.(entry);
  }
}

/** What transformers logs at the end. The only place for the time that was taken, on which no result may depend. */
function summary(run: RunState, from: number, milliseconds: number, args: TrainingArguments, plan: Plan): LogEntry {
  const steps = run.step - from;
  // Some clocks stand still while a program computes.
  const seconds = Math.max(milliseconds, 1) / 1000;
  return {
    train_runtime: seconds,
    train_samples_per_second: (steps * rowsOfStep(args)) / seconds,
    train_steps_per_second: steps / seconds,
    total_flos: 0,
    train_loss: run.totalLoss / run.step,
    epoch: epochAfter(run.step, plan),
    step: run.step,
  };
}
