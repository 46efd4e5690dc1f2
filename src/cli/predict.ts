import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { pipeline } from '../platform/node.ts';
import type { Classification, TextClassificationOptions } from '../tasks/text-classification.ts';
import { type Input, isInput, openInput } from './input.ts';
import {
  type InputOptions,
  inputOptions,
  type ModelOptions,
  modelOptions,
  pipelineOptions,
  type ReadingOptions,
  readingOptions,
} from './options.ts';
import { type Cell, colors, print, printJson, table } from './output.ts';
import { Progress } from './progress.ts';
import { jsonLine, readRows } from './rows.ts';

interface PredictOptions extends ModelOptions, InputOptions, ReadingOptions {
  file?: string;
  topK?: number | 'all';
  functionToApply?: TextClassificationOptions['function_to_apply'];
  json?: boolean;
}

export const command = readingOptions(
  inputOptions(
    modelOptions(
      new Command('predict').description('label texts').argument('[input...]', 'texts, files, or - for stdin'),
    ),
  ),
)
  .option('--file <path>', 'read a file, whatever its name')
  .option('--top-k <n>', 'labels to give for each text; all gives all', topK)
  .addOption(
    new Option('--function-to-apply <name>', 'from logits to scores (default: as the model says)').choices([
      'softmax',
      'sigmoid',
      'none',
    ]),
  )
  .option('--json', 'one JSON array for texts (files give JSONL)')
  .addHelpText(
    'after',
    `
Texts give a table, or with --json one JSON array. Files and stdin give JSONL, one line a row, in order and as rows
come in: the fields of the row, then label and score, which replace fields of those names; labels where --top-k is not
1; truncated where the end of a text was not read. In .txt files a line is a text; .tsv files have no quotes.

Examples:
  bertwasm predict "A quiet, moving film."
  bertwasm predict reviews.csv --text-column review > labels.jsonl
  producer | bertwasm predict - --model ./my-model | consumer
  bertwasm predict --file notes.log --input-format txt --stride 64`,
  )
  .action(predict);

type Label = (texts: readonly string[]) => Promise<Classification[]>;

async function predict(inputs: string[], options: PredictOptions): Promise<void> {
  const paths = inputs.filter((input) => isInput(input, options.inputFormat));
  const texts = inputs.filter((input) => !isInput(input, options.inputFormat));
  if (options.file !== undefined) paths.push(options.file);
  if (texts.length > 0 && paths.length > 0) throw new UsageError('predict: expected texts or files, got both');
  if (texts.length + paths.length === 0) throw new UsageError('predict: expected a text, a file or -, got nothing');
  const files: Input[] = [];
  for (const path of paths) files.push(await openInput(path, options.inputFormat));

  const classify = await pipeline('text-classification', options.model, pipelineOptions(options));
  const label: Label = (batch) =>
    classify.details(batch, {
      top_k: options.topK === 'all' ? null : options.topK,
      function_to_apply: options.functionToApply,
      max_length: options.maxLength,
      stride: options.stride,
    });
  for (const file of files) await predictFile(file, options, label);
  if (texts.length > 0) await predictTexts(texts, options, label);
}

/** A filter: a batch is read, computed and written before the next one is read. */
async function predictFile(file: Input, options: PredictOptions, label: Label): Promise<void> {
  // Lines on a terminal show the progress themselves.
  const { progress, input } = Progress.of(file, !process.stdout.isTTY);
  let count = 0;
  try {
    for await (const rows of readRows(input, options.textColumn)) {
      for (let first = 0; first < rows.length; first += options.batchSize) {
        const batch = rows.slice(first, first + options.batchSize);
        const results = await label(batch.map(({ text }) => text));
        await print(results.map((result, i) => jsonLine(batch[i], fieldsOf(result, options))).join(''));
        count += batch.length;
        progress.update(count);
      }
    }
  } finally {
    progress.end();
  }
}

async function predictTexts(texts: readonly string[], options: PredictOptions, label: Label): Promise<void> {
  const results = await label(texts);
  if (options.json) {
    await printJson(
      results.map((result, i) => ({ text: texts[i], ...fieldsOf(result, options), tokens: result.tokens })),
    );
    return;
  }
  const rows = results.flatMap(({ labels, tokens, truncated }, i) =>
    labels.map(({ label, score }, rank): Cell[] => [
      [label, colors.bold],
      score.toFixed(4),
      rank > 0 ? '' : texts[i] + (truncated ? ` (cut after ${tokens} tokens)` : ''),
    ]),
  );
  await print(table(rows));
}

/** What a classification adds to a row; `undefined` removes what an earlier run added. */
function fieldsOf({ labels, truncated }: Classification, { topK }: PredictOptions): Record<string, unknown> {
  return {
    ...labels[0],
    labels: topK === undefined || topK === 1 ? undefined : labels,
    truncated: truncated || undefined,
  };
}

function topK(value: string): number | 'all' {
  if (value === 'all') return value;
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Expected a whole number from 1, or all.');
  return Number(value);
}
