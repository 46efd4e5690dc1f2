import { Command } from 'commander';
import { DataError, UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { floatWeights } from '../model/float-weights.ts';
import { huggingFaceFiles } from '../model/hugging-face.ts';
import { fp32Model } from '../ort/export/fp32.ts';
import { int8Model } from '../ort/export/int8.ts';
import { encodeModel, type OnnxGraph } from '../ort/onnx.ts';
import { nodePlatform } from '../platform/node.ts';
import { checkTarget, directoryWriter } from '../platform/node-target.ts';
import { maxTokens } from '../tasks/windows.ts';
import { loadTokenizer } from '../text/load.ts';
import { modelOption } from './options.ts';
import { checkOut } from './out.ts';
import { print, printJson, table } from './output.ts';

interface ExportOptions {
  model?: string;
  out: string;
  json?: boolean;
}

/** A protobuf message has at most so many bytes; larger models would need their weights beside. */
const MOST_BYTES = 2 ** 31 - 1;

export const command = modelOption(
  new Command('export')
    .description("to Hugging Face's form and ONNX, as transformers and transformers.js load them")
    .argument('[model]', 'as --model')
    .requiredOption('--out <dir>', 'directory to write'),
)
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
Writes config.json, model.safetensors, tokenizer.json, tokenizer_config.json, onnx/model.onnx (fp32) and
onnx/model_quantized.onnx (int8). The weights of a quantised model are what its integers mean.

Examples:
  bertwasm export ./my-model --out ./my-model-hf`,
  )
  .action(run);

async function run(argument: string | undefined, options: ExportOptions): Promise<void> {
  if (argument !== undefined && options.model !== undefined) {
    throw new UsageError('export: expected one model, got an argument and --model');
  }
  const source = nodePlatform.resolveModel(argument ?? options.model, 'text-classification');
  checkOut(options.out, source.name, 'model');
  await checkTarget(options.out, false); // ahead of the work
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source);
  const weights = await floatWeights(source, config);
  const floats = { ...config, modelType: 'distilbert', bertwasm: undefined } as const;
  const maxLength = maxTokens(tokenizer, config);
  const files: [string, () => Uint8Array][] = [
    ...Object.entries(huggingFaceFiles({ config: floats, weights, tokenizer: tokenizer.toJSON(), maxLength })).map(
      ([name, bytes]): [string, () => Uint8Array] => [name, () => bytes],
    ),
    ['onnx/model.onnx', () => onnx(fp32Model(floats, weights), source.name)],
    ['onnx/model_quantized.onnx', () => onnx(int8Model(floats, weights), source.name)],
  ];
  const writer = await directoryWriter(options.out);
  const sizes: Record<string, number> = {};
  try {
    for (const [name, make] of files) {
      const bytes = make();
      const file = await writer.file(name);
      await file.write(bytes);
      await file.close();
      sizes[name] = bytes.length;
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  if (options.json) await printJson({ out: options.out, files: sizes });
  else await print(table(Object.entries(sizes).map(([name, size]) => [name, `${size} bytes`])));
}

function onnx(graph: OnnxGraph, model: string): Uint8Array {
  const size = graph.initializers.reduce((sum, { data }) => sum + (data instanceof Uint8Array ? data.length : 0), 0);
  if (size > MOST_BYTES - 2 ** 20)
    throw new DataError(
      `${model}: expected weights of less than 2 GiB, which ONNX holds in one file, got ${size} bytes`,
    );
  return encodeModel(graph);
}
