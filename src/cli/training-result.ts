import { join } from 'node:path';
import { QUANTIZED } from '../platform/node-model-files.ts';
import type { TrainedHead } from '../train/train-head.ts';
import { colors, print, printJson, table } from './output.ts';

/**
 * That rows were read in part, for people.
 *
 * @param given the length that was asked for
 * @param most what the model reads
 */
export function truncation(
  { truncated, trainingRows, evaluation }: TrainedHead,
  given: number | undefined,
  most: number,
): string {
  const rows = trainingRows + (evaluation?.rows.length ?? 0);
  const why = given === undefined ? ', all that the model reads' : ' (--max-length)';
  return `${truncated} of ${rows} rows were cut at ${given ?? most} tokens${why}`;
}

/** What came of a training, on stdout: a table for people, or one JSON document. */
export async function tell(
  trained: TrainedHead,
  skipped: number,
  { out, model, full, json }: { out: string; model: string; full?: boolean; json?: boolean },
): Promise<void> {
  const { head, kind, metrics, log, state, trainingRows, evaluation, truncated } = trained;
  const figures = Object.entries(metrics).map(([name, value]) => [name.replace(/^eval_/, ''), value] as const);
  if (json) {
    const { epoch: _, step: __, total_flos: ___, ...summary } = log[log.length - 1];
    await printJson({
      out,
      [full ? 'base' : 'encoder']: model,
      task: kind === 'token' ? 'token-classification' : 'text-classification',
      labels: head.config.labels,
      rows: trainingRows,
      eval_rows: evaluation?.rows.length ?? 0,
      skipped_rows: skipped,
      truncated,
      epoch: state.epoch,
      steps: state.global_step,
      best_step: state.best_global_step,
      ...summary,
      ...Object.fromEntries(figures),
    });
    return;
  }
  await print(
    table([
      ['model', [out, colors.bold]],
      ['rows', `${trainingRows} to train on, ${evaluation?.rows.length ?? 0} to evaluate on`],
      ...figures.map(([name, value]): [string, string] => [name, value.toFixed(4)]),
      ['to use it', `bertwasm predict --model ${full ? join(out, QUANTIZED) : out} "…"`],
    ]),
  );
}
