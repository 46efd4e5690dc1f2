import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import type { Line } from './lines.ts';
import type { Row } from './row.ts';

/** Fields of a sentence, by the names of Hugging Face's data sets. */
export const CONLL_COLUMNS = { tokens: 'tokens', tags: 'ner_tags' } as const;

/** Columns of a line: by tabs where there are any, so that a token may hold a space; else by spaces. */
const TABS = /\t+/;
const SPACES = / +/;

/** The tags whose entities are counted: IOB and IOBES. */
const TAG = /^(O|[BIES]-.+)$/su;

/**
 * Sentences of a CoNLL file: a token and its tag a line, the first and the last of the columns; blank lines between;
 * `-DOCSTART-` lines, which CoNLL-2003 has between documents, are none. There are no comments: `#` is a token like any.
 * A sentence with a faulty line is an error in its place, that of the line.
 */
export async function* conllRows(pieces: AsyncIterable<Line[]>): AsyncGenerator<(Row | DataError)[]> {
  let sentence: { place: string; tokens: string[]; tags: string[]; fault?: DataError } | undefined;
  const end = (): (Row | DataError)[] => {
    if (!sentence) return [];
    const { place, tokens, tags, fault } = sentence;
    sentence = undefined;
    return [fault ?? { place, fields: { [CONLL_COLUMNS.tokens]: tokens, [CONLL_COLUMNS.tags]: tags } }];
  };
  for await (const lines of pieces) {
    const rows: (Row | DataError)[] = [];
    for (const { place, text } of lines) {
      const line = text.trimEnd();
      if (line === '' || line.startsWith('-DOCSTART-')) {
        rows.push(...end());
        continue;
      }
      sentence ??= { place, tokens: [], tags: [] };
      const fields = line.split(line.includes('\t') ? TABS : SPACES);
      sentence.fault ??= lineFault(fields, place);
      sentence.tokens.push(fields[0]);
      sentence.tags.push(fields[fields.length - 1]);
    }
    if (rows.length > 0) yield rows;
  }
  const last = end();
  if (last.length > 0) yield last;
}

function lineFault(fields: readonly string[], place: string): DataError | undefined {
  const tag = fields[fields.length - 1];
  if (fields.length < 2) return new DataError(`${place}: expected a token and a tag, got ${show(fields[0])} alone`);
  if (fields[0] === '') return new DataError(`${place}: expected a token ahead of the tag, got none`);
  return isTag(tag) ? undefined : new DataError(`${place}: ${expectedTag(tag)}`);
}

export function isTag(tag: string): boolean {
  return TAG.test(tag);
}

export function expectedTag(got: unknown): string {
  return `expected a tag, O or one of B-, I-, E- and S- with a type, got ${show(got)}`;
}

/** Whether a field holds the tokens of a sentence. */
export function isTokens(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === 'string' && token !== '');
}
