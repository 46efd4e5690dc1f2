import type { TrainingArguments } from './arguments.ts';
import type { RunState } from './run-state.ts';

type BestArguments = Pick<
  TrainingArguments,
  'metric_for_best_model' | 'greater_is_better' | 'early_stopping_patience' | 'early_stopping_threshold'
>;

/**
 * Takes an evaluation's metrics into a run: what the best model is, and whether training stops early. The rules are
 * those of transformers' `Trainer._determine_best_metric` and `EarlyStoppingCallback`: the callback comes first, so it
 * compares with the best before this evaluation.
 *
 * @param metrics by their names in the log, `eval_…`
 */
export function judge(run: RunState, metrics: Readonly<Record<string, number>>, args: BestArguments): void {
  const name = args.metric_for_best_model;
  if (name === null) return;
  const metric = metrics[name.startsWith('eval_') ? name : `eval_${name}`];
  const best = run.bestMetric;
  const better = best === null || (args.greater_is_better ? metric > best : metric < best);
  const enough = best === null || Math.abs(metric - best) > args.early_stopping_threshold;
  run.patience = better && enough ? 0 : run.patience + 1;
  if (args.early_stopping_patience !== null && run.patience >= args.early_stopping_patience) run.stopped = true;
  if (better) {
    run.bestMetric = metric;
    run.bestStep = run.step;
  }
}

/**
 * The checkpoints that are in excess: of all but the newest and the best the oldest, as transformers' `rotate_checkpoints`.
 *
 * @param steps of all checkpoints, ascending
 */
export function inExcess(steps: readonly number[], best: number | null, limit: number | null): number[] {
  if (limit === null) return [];
  const spare = steps.slice(0, -1).filter((step) => step !== best);
  const kept = Math.max(limit, steps.length - spare.length);
  return spare.slice(0, Math.max(0, steps.length - kept));
}
