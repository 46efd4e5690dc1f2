import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { AGGREGATION_STRATEGIES } from '../tasks/aggregation.ts';
import { inBatches } from '../tasks/batches.ts';
import { type Input, isInput, openInput } from './input.ts';
import { type Labeller, type LabellerOptions, loadLabeller } from './labeller.ts';
import { type InputOptions, inputOptions, modelOptions, readingOptions, threadsOption } from './options.ts';
import { print, printJson, table } from './output.ts';
import { Progress } from './progress.ts';
import { jsonLine, readRows } from './rows.ts';

interface PredictOptions extends LabellerOptions, InputOptions {
  file?: string;
  json?: boolean;
}

export const command = readingOptions(
  inputOptions(
    threadsOption(
      modelOptions(
        new Command('predict').description('label texts').argument('[input...]', 'texts, files, or - for stdin'),
      ),
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
  .addOption(
    new Option(
      '--aggregation-strategy <name>',
      'from labels of tokens to entities (default: first; none gives every token)',
    ).choices(AGGREGATION_STRATEGIES),
  )
  .option('--json', 'one JSON array for texts (files give JSONL)')
  .addHelpText(
    'after',
    `
Texts give a table, or with --json one JSON array. Files and stdin give JSONL, one line a row, in order and as rows
come in: the fields of the row, then label and score, which replace fields of those names; labels where --top-k is not
1; truncated where the end of a text was not read. A model for tokens gives entities in their place. In .txt files a
line is a text; .tsv files have no quotes.

Examples:
  bertwasm predict "A quiet, moving film."
  bertwasm predict reviews.csv --text-column review > labels.jsonl
  producer | bertwasm predict - --model ./my-model | consumer
  bertwasm predict --file notes.log --input-format txt --stride 64`,
  )
  .action(predict);

async function predict(inputs: string[], options: PredictOptions): Promise<void> {
  const paths = inputs.filter((input) => isInput(input, options.inputFormat));
  const texts = inputs.filter((input) => !isInput(input, options.inputFormat));
  if (options.file !== undefined) paths.push(options.file);
  if (texts.length > 0 && paths.length > 0) throw new UsageError('predict: expected texts or files, got both');
  if (texts.length + paths.length === 0) throw new UsageError('predict: expected a text, a file or -, got nothing');
  const files: Input[] = [];
  for (const path of paths) files.push(await openInput(path, options.inputFormat));

  // A thread takes as long to start as a few sentences to label.
  const threads = options.threads ?? (files.length > 0 ? undefined : 1);
  const labeller = await loadLabeller({ ...options, threads });
  for (const file of files) await predictFile(file, options, labeller);
  if (texts.length > 0) await predictTexts(texts, options, labeller);
}

/** A filter: a batch is computed and written before more is read, and none waits for input that is not there yet. */
async function predictFile(file: Input, options: PredictOptions, labeller: Labeller): Promise<void> {
  // Lines on a terminal show the progress themselves.
  const { progress, input } = Progress.of(file, !process.stdout.isTTY);
  let count = 0;
  try {
    for await (const rows of readRows(input, options.textColumn)) {
      for (const batch of inBatches(rows, (row) => ({ row, ...labeller.read(row.text) }), options.batchSize)) {
        const results = labeller.label(batch);
        await print(results.map(({ fields }, i) => jsonLine(batch[i].row, fields)).join(''));
        count += batch.length;
        progress.update(count);
      }
    }
  } finally {
    progress.end();
  }
}

async function predictTexts(texts: readonly string[], options: PredictOptions, labeller: Labeller): Promise<void> {
  const results = labeller.label(texts.map((text) => labeller.read(text)));
  if (options.json) {
    await printJson(results.map(({ fields, tokens }, i) => ({ text: texts[i], ...fields, tokens })));
  } else {
    await print(table([...labeller.header, ...results.flatMap(({ cells }) => cells)]));
  }
}

function topK(value: string): number | 'all' {
  if (value === 'all') return value;
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Expected a whole number from 1, or all.');
  return Number(value);
}
