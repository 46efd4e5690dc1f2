import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { DEVICES } from '../ort/device.ts';
import { DEFAULT_ENCODER } from '../platform/node-models.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { checkTarget, recoverTarget } from '../platform/node-target.ts';
import { TrainingDirectory } from '../platform/node-training.ts';
import { STATE_FILE } from '../train/checkpoint-names.ts';
import { report } from '../train/report.ts';
import { writeTrainerState } from '../train/trainer-state.ts';
import { isFinished } from './finished.ts';
import { untilInterrupted } from './interrupted.ts';
import { type LabelledInputOptions, labelledInputOptions, threadsOption, wholeNumber } from './options.ts';
import { checkOut } from './out.ts';
import { printable, printJson } from './output.ts';
import { headRun } from './train-head.ts';
import { argumentOptions, givenArguments } from './training-arguments.ts';
import { type DataFileOptions, readTrainingData } from './training-data.ts';
import { TrainingReporter } from './training-progress.ts';
import { tell, truncation } from './training-result.ts';

interface TrainOptions extends LabelledInputOptions, DataFileOptions {
  out: string;
  model: string;
  validationSplit?: number;
  maxLength?: number;
  cacheMb?: number;
  resume?: boolean;
  overwrite?: boolean;
  standalone?: boolean;
  threads?: number;
  full?: boolean;
  device?: (typeof DEVICES)[number];
  tf32: boolean;
  json?: boolean;
}

export const command = argumentOptions(
  threadsOption(
    labelledInputOptions(
      new Command('train')
        .description('a new head on a frozen encoder, from labelled rows')
        .argument('<file>', 'labelled file, or -')
        .requiredOption('--out <dir>', 'directory to write')
        .option('--model <dir>', 'encoder, or a model whose encoder to use: a directory or package', DEFAULT_ENCODER)
        .addOption(
          new Option('--task <name>', 'default: by the rows').choices(['text-classification', 'token-classification']),
        ),
    ),
  )
    .option('--labels <names>', 'the labels in the order of their ids, with commas between (default: sorted)', names)
    .option('--validation-file <file>', 'labelled rows to evaluate on')
    .option(
      '--validation-split <part>',
      'part of the rows to hold out for that where no file is given (default: 0.1)',
      Number,
    )
    .option('--max-length <tokens>', 'tokens to read of a row (default: as many as the model takes)', wholeNumber(3))
    .option('--max-train-samples <rows>', 'rows to read of the file (default: all)', wholeNumber(1))
    .option('--max-eval-samples <rows>', 'rows to read of the validation file (default: all)', wholeNumber(1))
    .option('--skip-bad-rows', 'leave out rows at fault, and say how many')
    .option(
      '--cache-mb <n>',
      'memory for features; more of them go to a file beside the output (default: 1024)',
      wholeNumber(0),
    )
    .option('--resume', 'go on with an unfinished training; the result is that of an unbroken one')
    .option('--overwrite', 'replace a model in the directory, once the new one is whole')
    .option('--standalone', 'copy the encoder too; else the model names it')
    .option(
      '--full',
      'train all of the model, by onnxruntime-node; writes it as transformers does, and quantised in q8/',
    )
    .addOption(new Option('--device <name>', 'where --full computes (default: cuda where it works)').choices(DEVICES))
    .option('--no-tf32', 'f32 throughout on a GPU, where products of TF32 are the default')
    .option('--json', 'one JSON document'),
)
  .addHelpText(
    'after',
    `
Each row goes through the encoder once; then the head trains on what that gave. Until it is done, checkpoints lie in
<dir>.training. CSV, TSV and JSONL files have texts and labels, CoNLL files tokens and tags, JSONL and Hugging Face's
parquet files either; all but parquet may be within gzip (train.tsv.gz).

With --full the defaults are those of Hugging Face's guides: a learning rate of 2e-5, 2 epochs, no warm-up, pooling cls, transformers' own
head, and a dropout of 0.2, 0.1 for tokens.

Examples:
  bertwasm train reviews.csv --out my-model
  bertwasm train train.tsv.gz --out sst2 --labels NEGATIVE,POSITIVE --validation-file dev.tsv --num-train-epochs 5
  bertwasm train train.conll --out ner --validation-file dev.conll --class-weights balanced
  bertwasm train reviews.csv --out my-model --full --learning-rate 1e-4 --num-train-epochs 3`,
  )
  .action(train);

async function train(path: string, options: TrainOptions): Promise<void> {
  checkTogether(options);
  const base = nodePlatform.resolveModel(options.model);
  checkOut(options.out, base.name, options.full ? 'checkpoint' : 'encoder');
  const args = givenArguments(options);
  const { out, full = false, resume = false, overwrite = false } = options;
  await recoverTarget(out);
  if (resume && !overwrite && !existsSync(`${resolve(out)}.training`)) {
    const { labels, maxLength, standalone } = options;
    if (await isFinished(out, { args, full, labels, maxLength, standalone, base: await loadConfig(base) })) {
      process.stderr.write(`${printable(out)}: finished already\n`);
      return options.json ? printJson({ out, finished_already: true }) : undefined;
    }
  }
  await checkTarget(out, overwrite); // ahead of the work
  const reporter = new TrainingReporter();
  const say = (text: string) => reporter.say(text);
  const data = await readTrainingData(path, options, say);
  const run = full ? await (await import('./train-full.ts')).fullRun(options, say) : await headRun(options);
  const directory = await TrainingDirectory.open(out, { resume, overwrite });
  try {
    if (resume && (await directory.checkpoints.list()).length === 0) {
      say(`${out}.training: no checkpoint to go on from: training starts at its first step`);
    }
    const { trained, files } = await untilInterrupted(directory.checkpoints, (signal) =>
      run.train(data.rows, {
        ...args,
        evaluation: data.evaluation,
        validation_split: options.validationSplit,
        labels: data.labels,
        max_length: options.maxLength,
        onProgress: (progress) => reporter.progress(progress),
        onLog: (entry) => reporter.log(entry),
        signal,
        checkpoints: directory.checkpoints,
        resume,
      }),
    );
    if (trained.truncated > 0) say(truncation(trained, options.maxLength, run.maxTokens));
    await directory.commit({
      ...(await files()),
      [STATE_FILE]: writeTrainerState(trained.state),
      'report.html': new TextEncoder().encode(report(trained, `Training of ${basename(resolve(out))}`)),
    });
    reporter.end();
    await tell(trained, data.skipped, options);
  } finally {
    reporter.end();
    await directory.close();
  }
}

/** @throws UsageError where one option has no meaning with another */
function checkTogether({ full, device, tf32, standalone, cacheMb, threads }: TrainOptions): void {
  if (full && cacheMb !== undefined)
    throw new UsageError('--cache-mb: expected none with --full, which keeps no features');
  if (full && threads !== undefined)
    throw new UsageError('--threads: expected none with --full, where ONNX Runtime takes all cores');
  if (!full && !tf32) throw new UsageError('--no-tf32: expected none without --full: a head trains in WebAssembly');
  if (full && standalone) throw new UsageError('--standalone: expected none with --full, whose models stand alone');
  if (!full && device !== undefined)
    throw new UsageError('--device: expected none without --full: a head trains in WebAssembly');
}

function names(value: string): string[] {
  const labels = value.split(',').map((name) => name.trim());
  if (labels.includes('') || labels.length < 2 || new Set(labels).size !== labels.length) {
    throw new InvalidArgumentError('Expected at least two names that differ, with commas between.');
  }
  return labels;
}
