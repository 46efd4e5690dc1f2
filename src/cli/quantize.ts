import { Command } from 'commander';
import { DataError, UsageError } from '../errors.ts';
import { LIMITS, loadConfig } from '../model/config.ts';
import { writeOwnForm } from '../model/own-form.ts';
import { nodeSha256 } from '../platform/node-files.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { checkTarget, directoryWriter, recoverTarget } from '../platform/node-target.ts';
import { loadTokenizer } from '../text/load.ts';
import { CALIBRATION_TEXTS } from './calibration-texts.ts';
import { openInput } from './input.ts';
import { type InputOptions, inputOptions, wholeNumber } from './options.ts';
import { checkOut } from './out.ts';
import { DEFAULT_OUTLIERS, findOutliers, MAX_TEXTS } from './outliers.ts';
import { print, printJson, table } from './output.ts';
import { readRows } from './rows.ts';

interface QuantizeOptions extends InputOptions {
  model?: string;
  out: string;
  calibration?: string;
  outlierColumns: number;
  overwrite?: boolean;
  json?: boolean;
}

export const command = inputOptions(
  new Command('quantize')
    .description('float checkpoint to 8 bits, in the form the engine loads')
    .argument('[checkpoint]', 'directory of a DistilBERT or BERT checkpoint')
    .option('--model <dir>', 'the checkpoint, named as in every other command')
    .requiredOption('--out <dir>', 'directory to write'),
)
  .option('--calibration <file>', 'texts like those to be read (default: a few built-in sentences)')
  .option(
    '--outlier-columns <n>',
    `inputs of each layer that stay float32, to ${LIMITS.outlierColumns}`,
    wholeNumber(0, LIMITS.outlierColumns),
    DEFAULT_OUTLIERS,
  )
  .option('--overwrite', 'replace a quantised model in the directory')
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
Of the calibration file the first ${MAX_TEXTS} texts are read.

Examples:
  bertwasm quantize ./distilbert-sst2 --out ./sst2-q8
  bertwasm quantize ./distilbert-sst2 --out ./sst2-q8 --calibration reviews.jsonl --overwrite`,
  )
  .action(quantize);

async function quantize(checkpoint: string | undefined, options: QuantizeOptions): Promise<void> {
  const directory = checkpoint ?? options.model;
  if (directory === undefined) throw new UsageError('quantize: expected the directory of a checkpoint, got none');
  if (checkpoint !== undefined && options.model !== undefined) {
    throw new UsageError('quantize: expected one checkpoint, got an argument and --model');
  }
  const source = nodePlatform.resolveModel(directory);
  checkOut(options.out, source.name, 'checkpoint');
  await recoverTarget(options.out);
  await checkTarget(options.out, options.overwrite ?? false); // ahead of the calibration, which takes its time
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source, config);
  const texts = options.calibration === undefined ? CALIBRATION_TEXTS : await fileTexts(options.calibration, options);
  const outlierColumns = await findOutliers(source, config, tokenizer, texts, options.outlierColumns);
  const writer = await directoryWriter(options.out, options.overwrite);
  const manifest = await writeOwnForm(writer, nodeSha256, {
    source,
    config,
    tokenizer: tokenizer.toJSON(),
    outlierColumns,
  });
  if (options.json) await printJson({ out: options.out, ...manifest });
  else await print(table(Object.entries(manifest.files).map(([file, { size }]) => [file, `${size} bytes`])));
}

async function fileTexts(path: string, { inputFormat, textColumn }: InputOptions): Promise<string[]> {
  const texts: string[] = [];
  for await (const rows of readRows(await openInput(path, inputFormat), textColumn)) {
    texts.push(...rows.map(({ text }) => text).filter((text) => text.trim() !== ''));
    if (texts.length >= MAX_TEXTS) break;
  }
  if (texts.length === 0) throw new DataError(`${path}: expected texts, got none`);
  return texts.slice(0, MAX_TEXTS);
}
