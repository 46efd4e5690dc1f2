export interface StepResult {
  /** Mean over the batch. */
  loss: number;
  /** L2 norm of all gradients together, before clipping. */
  gradNorm: number;
}

export interface Evaluation {
  /** Mean over the evaluation set. */
  loss: number;
  /** f32 [N, L], one row a vector of the evaluation set, in order. */
  logits: Float32Array;
}

/** One step of the optimiser. */
export interface Step {
  /** Rows of the training set. */
  rows: readonly number[];
  /** From 1: dropout's counter and Adam's bias corrections are made of it, so that nothing random is state. */
  step: number;
  learningRate: number;
}

/** What computes while the Trainer decides: which weights move, and where they live, is the back end's. */
export interface TrainingBackend {
  /** Most steps to be handed over together: more than one where the state would otherwise cross a bus at each. */
  readonly stepsAtOnce: number;
  /** @throws DataError where the loss or the gradient is not finite */
  steps(steps: readonly Step[]): StepResult[] | Promise<StepResult[]>;
  evaluate(): Evaluation | Promise<Evaluation>;
  /**
   * Copies, row-major f32: weights by their Hugging Face names, Adam's moments as `<name>.exp_avg` and `<name>.exp_avg_sq`,
   * in the scale in which the back end keeps them.
   */
  state(): Map<string, Float32Array> | Promise<Map<string, Float32Array>>;
  /** @throws DataError naming a tensor that is missing, unexpected or of another length */
  restore(state: ReadonlyMap<string, Float32Array>): void | Promise<void>;
}
