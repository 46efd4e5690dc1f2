import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../model/config.ts';
import { writeShards } from '../model/shard.ts';
import { fileNames } from '../model/sources/parts.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { checkTarget, directoryWriter, recoverTarget } from '../platform/node-target.ts';
import { modelOption, oneModel } from './options.ts';
import { checkOut } from './out.ts';
import { print, printJson, table } from './output.ts';

interface ShardOptions {
  model?: string;
  out: string;
  max: number;
  overwrite?: boolean;
  json?: boolean;
}

const UNITS: Record<string, number> = { kB: 1e3, KiB: 2 ** 10, MB: 1e6, MiB: 2 ** 20, GB: 1e9, GiB: 2 ** 30 };

export const command = modelOption(
  new Command('shard')
    .description('a quantised model with its large files cut, for stores that limit a file')
    .argument('[dir]', 'directory or installed package of the model'),
)
  .requiredOption('--out <dir>', 'directory to write')
  .option('--max <size>', 'bytes a file may have: 25MiB, 10MB, 500kB', size, size('25MiB'))
  .option('--overwrite', 'replace a model in the directory')
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
The copy loads as the model does, from a directory, a URL or a Worker's assets: config.json tells of the parts.

Examples:
  bertwasm shard ./my-model --out ./public/model
  bertwasm shard --model ./my-model --out ./public/model --max 10MiB --overwrite`,
  )
  .action(shard);

async function shard(argument: string | undefined, options: ShardOptions): Promise<void> {
  const model = oneModel('shard', argument, options.model);
  const source = nodePlatform.resolveModel(model);
  checkOut(options.out, source.name, 'model');
  await recoverTarget(options.out);
  await checkTarget(options.out, options.overwrite ?? false);
  const config = await loadConfig(source);
  const writer = await directoryWriter(options.out, options.overwrite);
  const { files } = await writeShards(writer, source, config, options.max);
  const written = Object.entries(files).flatMap(([name, file]) => fileNames(name, file));
  if (options.json) await printJson({ out: options.out, max: options.max, files: written });
  else await print(table(written.map(({ file, size }) => [file, `${size} bytes`])));
}

/** Parser of a number of bytes. */
function size(text: string): number {
  const [, digits, unit] = /^(\d{1,15})([a-zA-Z]*)$/.exec(text) ?? [];
  const bytes = Number(digits) * (unit ? UNITS[unit] : 1);
  if (!(Number.isSafeInteger(bytes) && bytes > 0)) {
    throw new InvalidArgumentError('Expected a size: 25MiB, 10MB, 500kB.');
  }
  return bytes;
}
