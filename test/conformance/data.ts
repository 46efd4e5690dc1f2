import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** The data sets' files, or none where the shared data is not there. */
export function dataFiles(): string[] {
  if (!existsSync(DATA)) return [];
  return readdirSync(DATA, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tsv|jsonl|conll)(\.gz)?$/.test(file))
    .sort();
}

/** Texts of one file, one at a time: the text column, or the tokens of a sentence joined by spaces. */
export async function* texts(file: string): AsyncGenerator<string> {
  const raw = createReadStream(DATA + file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  if (/\.tsv/.test(file)) {
    let column = -1;
    for await (const line of lines) {
      if (column < 0) column = line.split('\t').indexOf('text');
      else yield line.split('\t')[column];
    }
  } else if (/\.jsonl/.test(file)) {
    for await (const line of lines) if (line !== '') yield JSON.parse(line).text;
  } else {
    let tokens: string[] = [];
    for await (const line of lines) {
      if (line !== '') tokens.push(line.split('\t')[0]);
      else if (tokens.length > 0) {
        yield tokens.join(' ');
        tokens = [];
      }
    }
    if (tokens.length > 0) yield tokens.join(' ');
  }
}
