import { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { maxTokens } from '../tasks/windows.ts';
import type { Encoding } from '../text/encoding.ts';
import { loadTokenizer } from '../text/load.ts';
import { isInput, openInput } from './input.ts';
import { type InputOptions, inputOptions, modelOption, wholeNumber } from './options.ts';
import { print, printJson, table } from './output.ts';
import { jsonLine, readRows } from './rows.ts';

interface TokenizeOptions extends InputOptions {
  model?: string;
  maxLength?: number;
  json?: boolean;
}

export const command = inputOptions(
  modelOption(
    new Command('tokenize').description('texts to tokens').argument('<input...>', 'texts, files, or - for stdin'),
  ),
)
  .option('--max-length <tokens>', 'tokens to keep (default: as many as the model takes)', wholeNumber(3))
  .option('--json', 'one JSON array for texts (files give JSONL)')
  .addHelpText(
    'after',
    `
Offsets are [start, end) in UTF-16 units, the units of JavaScript strings.

Examples:
  bertwasm tokenize "A quiet, moving film."
  bertwasm tokenize reviews.jsonl > tokens.jsonl`,
  )
  .action(tokenize);

async function tokenize(inputs: string[], options: TokenizeOptions): Promise<void> {
  const source = nodePlatform.resolveModel(options.model);
  const tokenizer = await loadTokenizer(source);
  const limit = maxTokens(tokenizer, await loadConfig(source));
  if (options.maxLength !== undefined && options.maxLength > limit) {
    throw new UsageError(`--max-length: expected at most ${limit}, got ${options.maxLength}`);
  }
  const encode = (text: string) => tokenizer.encode(text, { maxLength: options.maxLength ?? limit });

  const paths = inputs.filter((input) => isInput(input, options.inputFormat));
  const texts = inputs.filter((input) => !isInput(input, options.inputFormat));
  if (texts.length > 0 && paths.length > 0) throw new UsageError('tokenize: expected texts or files, got both');
  for (const path of paths) {
    for await (const rows of readRows(await openInput(path, options.inputFormat), options.textColumn)) {
      for (const row of rows) await print(jsonLine(row, document(encode(row.text))));
    }
  }
  if (texts.length === 0) return;
  const encodings = texts.map(encode);
  if (options.json) await printJson(encodings.map((encoding, i) => ({ text: texts[i], ...document(encoding) })));
  else await print(encodings.map(tokenTable).join('\n'));
}

function document({ ids, tokens, offsets, truncated }: Encoding) {
  return {
    ids: Array.from(ids),
    tokens,
    offsets: tokens.map((_, t) => [offsets[2 * t], offsets[2 * t + 1]]),
    truncated: truncated || undefined,
  };
}

function tokenTable({ ids, tokens, offsets }: Encoding): string {
  return table([
    ['token', 'id', 'start', 'end'],
    ...tokens.map((token, t) => [token, String(ids[t]), String(offsets[2 * t]), String(offsets[2 * t + 1])]),
  ]);
}
