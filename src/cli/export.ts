import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { floatWeights } from '../model/float-weights.ts';
import { filesBesideWeights, huggingFaceFiles, inexpressible } from '../model/hugging-face.ts';
import { checkSize, fp32Model } from '../ort/export/fp32.ts';
import { int8Model } from '../ort/export/int8.ts';
import { encodeModel } from '../ort/onnx.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { checkTarget, directoryWriter, recoverTarget } from '../platform/node-target.ts';
import { maxTokens } from '../tasks/windows.ts';
import { loadTokenizer } from '../text/load.ts';
import { modelOption, oneModel } from './options.ts';
import { checkOut } from './out.ts';
import { print, printable, printJson, table } from './output.ts';

interface ExportOptions {
  model?: string;
  out: string;
  json?: boolean;
}

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
onnx/model_quantized.onnx (int8). The weights of a quantised model are what its integers mean. Where transformers'
DistilBERT has no such head, there is no model.safetensors: transformers.js needs none.

Examples:
  bertwasm export ./my-model --out ./my-model-hf`,
  )
  .action(run);

async function run(argument: string | undefined, options: ExportOptions): Promise<void> {
  const directory = oneModel('export', argument, options.model);
  const { out } = options;
  const source = nodePlatform.resolveModel(directory);
  checkOut(out, source.name, 'model');
  checkOutside(out, source.name);
  await recoverTarget(out);
  await checkTarget(out, false); // ahead of the work
  const model = await loadConfig(source);
  const tokenizer = await loadTokenizer(source, model);
  const weights = await floatWeights(source, model);
  checkSize(weights, source.name);
  const config = { ...model, modelType: 'distilbert', bertwasm: undefined } as const;
  const notForTransformers = inexpressible(config);
  const input = { config, weights, tokenizer: tokenizer.toJSON(), maxLength: maxTokens(tokenizer, model) };
  // One at a time: each has all the weights once more.
  const parts: (() => Record<string, Uint8Array>)[] = [
    () => (notForTransformers ? filesBesideWeights(input) : huggingFaceFiles(input)),
    () => ({ 'onnx/model.onnx': encodeModel(fp32Model(config, weights)) }),
    () => ({ 'onnx/model_quantized.onnx': encodeModel(int8Model(config, weights)) }),
  ];
  const writer = await directoryWriter(out);
  const sizes: Record<string, number> = {};
  try {
    for (const part of parts) {
      for (const [name, bytes] of Object.entries(part())) {
        const file = await writer.file(name);
        await file.write(bytes);
        await file.close();
        sizes[name] = bytes.length;
      }
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const dequantized = model.bertwasm !== undefined;
  if (options.json)
    return printJson({ out, files: sizes, dequantized, not_for_transformers: notForTransformers ?? null });
  await print(table(Object.entries(sizes).map(([name, size]) => [name, `${size} bytes`])));
  if (dequantized) say('the model is quantised: the weights are what its integers mean');
  if (notForTransformers) say(`for transformers.js alone, without model.safetensors: ${notForTransformers}`);
}

function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** What lies in a model's directory is published with it. */
function checkOutside(out: string, model: string): void {
  let parent = resolve(out);
  while (!existsSync(parent)) parent = dirname(parent);
  if (!relative(realpathSync(model), realpathSync(parent)).startsWith('..')) {
    throw new UsageError(`--out: expected a directory outside the model's, got ${out}`);
  }
}
