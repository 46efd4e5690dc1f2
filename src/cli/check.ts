import { constants } from 'node:fs';
import { access, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type CheckResult, check } from '../check/check.ts';
import { checkReport, limit, shown, verdict } from '../check/report.ts';
import { OWN_TEXTS } from '../check/texts.ts';
import { DataError, UsageError } from '../errors.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { show } from '../model/json.ts';
import { writeOwnForm } from '../model/own-form.ts';
import type { ModelSource } from '../model/source.ts';
import { bytesSource } from '../model/sources/bytes.ts';
import { loadRuntime } from '../ort/runtime.ts';
import { named, nodeSha256 } from '../platform/node-files.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { readTexts } from '../tasks/windows.ts';
import { loadTokenizer } from '../text/load.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type Reading, rowReader } from '../train/read-rows.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { CALIBRATION_TEXTS } from './calibration-texts.ts';
import { openInput } from './input.ts';
import { memoryWriter } from './memory-writer.ts';
import { type LabelledInputOptions, labelledInputOptions, modelOption, oneModel, wholeNumber } from './options.ts';
import { DEFAULT_OUTLIERS, findOutliers } from './outliers.ts';
import { type Cell, colors, print, printable, printJson, table } from './output.ts';
import { readRows } from './rows.ts';
import { readTrainingFile } from './training-rows.ts';

interface CheckOptions extends LabelledInputOptions {
  model?: string;
  source?: string;
  data?: string;
  unlabelled?: boolean;
  maxSamples?: number;
  steps: number;
  report?: string;
  json?: boolean;
}

/** What they say is of the file. */
const OF_DATA = [
  ['--unlabelled', 'unlabelled'],
  ['--max-samples', 'maxSamples'],
  ['--input-format', 'inputFormat'],
  ['--text-column', 'textColumn'],
  ['--label-column', 'labelColumn'],
  ['--label-separator', 'labelSeparator'],
] as const;

export const command = labelledInputOptions(
  modelOption(
    new Command('check')
      .description('the engine against ONNX Runtime: hidden states, labels, gradients, training')
      .argument('[model]', 'as --model: in our own form, or a checkpoint of floats, which is quantised first'),
  )
    .option('--source <dir>', 'the checkpoint of floats that a quantised model was made of')
    .option('--data <file>', 'labelled rows to check on (default: a few built-in sentences)')
    .option('--unlabelled', 'the file has texts alone, as a .txt has')
    .option('--max-samples <rows>', 'rows to read of it (default: 200)', wholeNumber(1))
    .option('--steps <n>', 'steps of training a head', wholeNumber(1, 10_000), 50)
    .option('--report <file>', 'write an HTML report', htmlName)
    .option('--json', 'one JSON document'),
)
  .addHelpText(
    'after',
    `
(a) the quantised engine against an ONNX graph that computes node for node the same; (b) the f32 engine against an fp32
graph; (c) quantised against f32; (d) gradients of a head, and (e) its training, in WebAssembly against a graph. Exit code 1
where a gate breaks, with the place where the paths part.

Examples:
  bertwasm check
  bertwasm check ./my-model/q8 --source ./my-model --data dev.tsv --report check.html`,
  )
  .action(run);

async function run(argument: string | undefined, options: CheckOptions): Promise<void> {
  const model = oneModel('check', argument, options.model);
  const idle = OF_DATA.find(([, name]) => options[name] !== undefined);
  if (options.data === undefined && idle) throw new UsageError(`${idle[0]}: expected --data beside it, got none`);
  // Ahead of the work.
  await loadRuntime();
  const { report } = options;
  if (report !== undefined) await named(report, () => access(dirname(resolve(report)), constants.W_OK));
  const { source, floats, note } = await models(model, options.source);
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source, config);
  const { texts, given } = await readData(config, tokenizer, options);
  const result = await check({
    source,
    tokenizer,
    kernels: nodePlatform.kernels,
    floats,
    texts,
    given,
    steps: options.steps,
  });
  const about = `${texts.length} texts${options.data === undefined ? '' : ` of ${basename(options.data)}`}. ${note}`;
  if (report !== undefined) await writeReport(report, checkReport(result, `Check of ${source.name}`, about));
  await tell(result, source.name, about, options);
  const broken = result.gates.find(({ passed }) => !passed);
  if (broken) {
    const where = broken.where === undefined ? '' : `, at ${broken.where}`;
    throw new DataError(
      `(${broken.check}) ${broken.name}: expected ${limit(broken)}, got ${shown(broken.figure)}${where}`,
    );
  }
}

interface Models {
  source: ModelSource;
  floats?: ModelSource;
  /** What the fp32 side is. */
  note: string;
}

/** What a model and the floats that it was made of have in common. */
const SHAPE = ['layers', 'dim', 'hiddenDim', 'heads', 'vocabSize', 'positions', 'activation', 'layerNormEps'] as const;

/** The quantised model, and the floats that it is held against. */
async function models(model: string | undefined, floats: string | undefined): Promise<Models> {
  const source = nodePlatform.resolveModel(model);
  const config = await loadConfig(source);
  if (!config.bertwasm) {
    if (floats !== undefined) throw new UsageError('--source: expected none with a model of floats, got one');
    return { source: await quantized(source, config), floats: source, note: 'Quantised for this check.' };
  }
  if (floats === undefined) {
    return {
      source,
      note: 'fp32 is what the integers of the weights mean: --source would name what they were made of.',
    };
  }
  const original = nodePlatform.resolveModel(floats);
  const other = await loadConfig(original);
  if (other.bertwasm) throw new UsageError('--source: expected a checkpoint of floats, got a quantised model');
  for (const key of SHAPE) {
    if (other[key] === config[key]) continue;
    throw new UsageError(`--source: expected a checkpoint of ${key} ${config[key]}, got one of ${other[key]}`);
  }
  return { source, floats: original, note: `fp32 is ${original.name}.` };
}

async function quantized(source: ModelSource, config: ModelConfig): Promise<ModelSource> {
  const tokenizer = await loadTokenizer(source, config);
  const outlierColumns = await findOutliers(source, config, tokenizer, CALIBRATION_TEXTS, DEFAULT_OUTLIERS);
  const files: Record<string, Uint8Array> = {};
  const input = { source, config, tokenizer: tokenizer.toJSON(), outlierColumns };
  await writeOwnForm(memoryWriter(files), nodeSha256, input);
  return bytesSource(source.name, files);
}

/** Ids of each text, and what its head should say of it: `given` of CheckInput. */
async function readData(config: ModelConfig, tokenizer: Tokenizer, options: CheckOptions) {
  const { data, unlabelled, maxSamples = 200, inputFormat, textColumn = 'text' } = options;
  const plain = (texts: readonly string[]) => ({
    texts: readTexts(tokenizer, config, texts, {}).map(({ windows }) => Array.from(windows[0])),
    given: undefined,
  });
  if (data === undefined) return plain([...CALIBRATION_TEXTS, ...OWN_TEXTS]);
  const input = await openInput(data, inputFormat);
  if (unlabelled || config.head === 'none' || input.format === 'txt') {
    const texts: string[] = [];
    for await (const rows of readRows(input, textColumn)) {
      texts.push(...rows.map(({ text }) => text));
      if (texts.length >= maxSamples) break;
    }
    if (texts.length === 0) throw new DataError(`${data}: expected texts, got none`);
    return plain(texts.slice(0, maxSamples));
  }
  const task = config.head === 'token' ? 'token-classification' : 'text-classification';
  const { rows } = await readTrainingFile(input, {
    ...options,
    task,
    labels: config.labels,
    maxRows: maxSamples,
  });
  const read = rowReader({ model: { config }, tokenizer }, config.head === 'token' ? 'token' : 'single', undefined);
  const readings = rows.map((row) => read(row));
  return {
    texts: readings.map(({ ids }) => Array.from(ids)),
    given: rows.map((row, i) => givenOf(row, readings[i], config)),
  };
}

function givenOf(
  row: SequenceRow | TokenRow,
  { ids, firsts }: Reading,
  { labels, problemType }: ModelConfig,
): number[] {
  if ('tags' in row) {
    const given = new Array<number>(ids.length).fill(-1);
    firsts?.forEach((token, word) => {
      if (token >= 0) given[token] = labels.indexOf(row.tags[word]);
    });
    return given;
  }
  const { label, place } = row;
  const several = problemType === 'multi_label_classification';
  if (Array.isArray(label) !== several) {
    throw new DataError(`${place}: expected ${several ? 'an array of labels' : 'one label'}, got ${show(label)}`);
  }
  return several ? labels.map((name) => Number(label.includes(name))) : [labels.indexOf(label as string)];
}

async function writeReport(path: string, html: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await named(path, async () => {
    await writeFile(temporary, html);
    await rename(temporary, path);
  });
}

async function tell(result: CheckResult, model: string, about: string, { json }: CheckOptions): Promise<void> {
  if (json) {
    await printJson({ model, about, ...result });
    return;
  }
  const { gates, q8, drift } = result;
  await print(
    table([
      ['check', 'what', 'figure', 'gate', 'passed'],
      ...gates.map((gate): Cell[] => [
        `(${gate.check})`,
        gate.name,
        shown(gate.figure),
        limit(gate),
        [verdict(gate), gate.passed ? colors.green : colors.red],
      ]),
    ]),
  );
  const bits = q8.places.every(({ sameBits }) => sameBits) ? 'the same bits throughout' : 'not the same bits';
  const { accuracy } = drift;
  const right = accuracy ? `; right decisions ${shown(accuracy.q8)}, in fp32 ${shown(accuracy.fp32)}` : '';
  await print(
    `(a) ${bits}; (c) least cosine ${shown(drift.cosine.min)}, largest change of a logit ${shown(drift.logit)}${right}\n`,
  );
  await print(`${printable(model)}: ${printable(about)}\n`);
}

function htmlName(path: string): string {
  if (!/\.html?$/.test(path)) throw new InvalidArgumentError('Expected the name of an .html file.');
  return path;
}
