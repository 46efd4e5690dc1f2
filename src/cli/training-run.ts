import type { CheckpointFiles } from '../train/checkpoints.ts';
import type { TrainedHead, TrainHeadOptions, TrainingRows } from '../train/train-head.ts';

/** What every training takes, whatever it trains. */
export type RunOptions = Omit<TrainHeadOptions, 'encoder' | 'checkpointFiles' | 'newFeatures'>;

export interface Trained {
  trained: TrainedHead;
  /** The model's files by their paths in its directory. */
  files(): Promise<CheckpointFiles>;
}

/** A training that is ready to start: what `train` does of a head, or of a whole model. */
export interface Run {
  /** Most tokens of a row that the model reads. */
  maxTokens: number;
  train(rows: TrainingRows, options: RunOptions): Promise<Trained>;
}
