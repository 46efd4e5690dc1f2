import { Command } from 'commander';
import { DataError } from '../errors.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { inBatches } from '../tasks/batches.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { evaluationDocument, evaluationTables } from './evaluation.ts';
import { openInput } from './input.ts';
import { labelledRows } from './labelled.ts';
import {
  type LabelledInputOptions,
  labelledInputOptions,
  type ModelOptions,
  modelOptions,
  type ReadingOptions,
  readingOptions,
  threadsOption,
} from './options.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';
import { mapEach } from './rows.ts';
import { type Scorer, textScorer, tokenScorer } from './scorer.ts';

interface EvalOptions extends ModelOptions, LabelledInputOptions, ReadingOptions {
  json?: boolean;
}

export const command = readingOptions(
  labelledInputOptions(
    threadsOption(
      modelOptions(
        new Command('eval')
          .description('compare predictions with a labelled file')
          .argument('<file>', 'labelled file, or -'),
      ),
    ),
  ),
)
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
Labels are names or ids. Figures are scikit-learn's: f1, precision and recall are those of the second label where there
are two, else means over the labels; where a row may have several labels, over all labels of all rows. Rows of the
confusion matrix are the labels of the file, its columns those predicted. For tokens they are seqeval's, of entities.

Examples:
  bertwasm eval dev.tsv
  bertwasm eval reviews.jsonl --text-column review --label-column sentiment --json
  bertwasm eval dev.conll --model ./my-ner`,
  )
  .action(evaluate);

async function evaluate(path: string, options: EvalOptions): Promise<void> {
  const { progress, input } = Progress.of(await openInput(path, options.inputFormat));
  const config = await loadConfig(nodePlatform.resolveModel(options.model));
  if (config.head === 'sequence') checkClassifier(config);
  const task = config.head === 'token' ? 'token-classification' : 'text-classification';
  const scorer: Scorer<SequenceRow | TokenRow> = await (config.head === 'token' ? tokenScorer : textScorer)(
    config,
    options,
  );
  const labelled = mapEach(labelledRows(input, { ...options, task, labels: config.labels }), (row) => {
    if (row instanceof DataError) throw row;
    return row;
  });
  let count = 0;
  try {
    for await (const rows of labelled) {
      for (const batch of inBatches(rows, (row) => scorer.read(row), options.batchSize)) {
        scorer.add(batch);
        count += batch.length;
        progress.update(count);
      }
    }
  } finally {
    progress.end();
  }
  if (count === 0) throw new DataError(`${input.name}: expected labelled rows, got none`);
  const { truncated } = scorer;
  const result = scorer.result();
  const { labels } = config;
  if (options.json) await printJson({ rows: count, ...evaluationDocument(result), truncated, labels });
  else {
    const cut = truncated > 0 ? ` (${truncated} cut to the length of the model)` : '';
    await print(evaluationTables(result, `${count}${cut}`));
  }
}

/** Other models have no labels to compare with. */
function checkClassifier({ problemType, labels }: ModelConfig): void {
  if (problemType === 'regression' || (problemType !== 'multi_label_classification' && labels.length === 1)) {
    const got = problemType === 'regression' ? problemType : 'one of 1 label';
    throw new DataError(`config.json: problem_type: expected a model of several labels, got ${got}`);
  }
}
