import { Command } from 'commander';
import { chooseBuild } from '../engine/kernels.ts';
import { plannedMemory } from '../engine/model.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { expectedTensors } from '../model/names.ts';
import { type ModelSource, PIECE_BYTES } from '../model/source.ts';
import { nodeSha256 } from '../platform/node-files.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { type ModelOptions, modelOptions } from './options.ts';
import { print, printJson, table } from './output.ts';

interface InfoOptions extends ModelOptions {
  json?: boolean;
}

export const command = modelOptions(new Command('info').description('what a model is and what it will take'))
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
Memory is what the engine will reserve. The files are read for their SHA-256; the model is not loaded.

Examples:
  bertwasm info
  bertwasm info --model ./my-model --json`,
  )
  .action(info);

async function info(options: InfoOptions): Promise<void> {
  const source = nodePlatform.resolveModel(options.model);
  const config = await loadConfig(source);
  const { build } = await chooseBuild(nodePlatform.kernels, options.simd ?? 'auto');
  const memory = plannedMemory(config, build);
  const files = await fileInfos(source, config);
  const { modelType, head, labels, layers, dim, hiddenDim, heads, vocabSize, positions, activation } = config;
  const document = {
    model: source.name,
    model_type: modelType,
    head,
    labels,
    layers,
    dim,
    hidden_dim: hiddenDim,
    heads,
    vocab_size: vocabSize,
    positions,
    activation,
    parameters: countParameters(config),
    dtype: config.bertwasm ? 'q8' : 'fp32',
    outlier_columns: config.bertwasm?.outlier_columns ?? 0,
    simd: build,
    memory,
    files,
  };
  if (options.json) return printJson(document);

  const { files: _, memory: __, ...facts } = document;
  await print(
    table([
      ...Object.entries(facts).map(([name, value]) => [name.replaceAll('_', ' '), show(value)]),
      [
        'memory',
        `${show(memory.total)} bytes (weights ${show(memory.weights)}, activations ${show(memory.activations)})`,
      ],
    ]),
  );
  await print(
    `\n${table([['file', 'bytes', 'sha256'], ...files.map(({ file, size, sha256 }) => [file, show(size), sha256])])}`,
  );
}

function show(value: string | number | readonly string[]): string {
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'string' ? value : value.join(', ');
}

/** Trained numbers; scales and outlier columns of the own form are none of their own. */
function countParameters(config: ModelConfig): number {
  const shapes = expectedTensors({ ...config, bertwasm: undefined }).values();
  return [...shapes].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

const HF_FILES = ['tokenizer.json', 'tokenizer_config.json', 'vocab.txt', 'model.safetensors'];

async function fileInfos(source: ModelSource, { bertwasm }: ModelConfig) {
  const infos: { file: string; size: number; sha256: string }[] = [];
  for (const file of ['config.json', ...(bertwasm ? Object.keys(bertwasm.files) : HF_FILES)]) {
    const reader = await source.open(file);
    if (!reader) continue;
    try {
      const hash = nodeSha256();
      const piece = new Uint8Array(PIECE_BYTES);
      let size = 0;
      for (let count = PIECE_BYTES; count === PIECE_BYTES; size += count) {
        count = await reader.read(piece);
        hash.update(piece.subarray(0, count));
      }
      infos.push({ file, size, sha256: hash.digest() });
    } finally {
      await reader.close();
    }
  }
  return infos;
}
