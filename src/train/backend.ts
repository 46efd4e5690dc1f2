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

/** What computes while the Trainer decides: which weights move, and where they live, is the back end's. */
export interface TrainingBackend {
  /**
   * One step of the optimiser on these rows of the training set. Steps count from 1: dropout's counter and Adam's bias
   * corrections are made of the number, so that nothing random is state.
   *
   * @throws DataError where the loss or the gradient is not finite
   */
  step(rows: readonly number[], step: number, learningRate: number): StepResult | Promise<StepResult>;
  evaluate(): Evaluation | Promise<Evaluation>;
  /** Copies, row-major f32: weights by their Hugging Face names, Adam's moments as `<name>.exp_avg` and `<name>.exp_avg_sq`. */
  state(): Map<string, Float32Array>;
  /** @throws DataError naming a tensor that is missing, unexpected or of another length */
  restore(state: ReadonlyMap<string, Float32Array>): void;
}
