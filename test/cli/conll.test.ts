import { expect, it } from 'vitest';
import { conllRows } from '../../src/cli/conll.ts';
import { readLines } from '../../src/cli/lines.ts';
import type { Row } from '../../src/cli/row.ts';
import { DataError } from '../../src/errors.ts';
import { pieces } from './pieces.ts';

async function parse(text: string, size = 7): Promise<(Row | DataError)[]> {
  const rows: (Row | DataError)[] = [];
  for await (const piece of conllRows(readLines(pieces(text, size), 'f'))) rows.push(...piece);
  return rows;
}

function sentence(line: number, tokens: string[], ner_tags: string[]) {
  return { place: `f:${line}`, fields: { tokens, ner_tags } };
}

it.each([1, 7, 1000])(
  'reads the files of CoNLL-2003: four columns, document marks, CRLF; reads of %i bytes',
  async (size) => {
    const text = '-DOCSTART- -X- -X- O\n\nAda NNP B-NP B-PER\r\nsleeps VBZ B-VP O\r\n\r\n\n. . O O';
    expect(await parse(text, size)).toEqual([
      sentence(3, ['Ada', 'sleeps'], ['B-PER', 'O']),
      sentence(7, ['.'], ['O']),
    ]);
  },
);

it('takes a hash for a token, and with tabs a space too', async () => {
  expect(await parse('#\tO\n# 1\tB-X\n\n# O\n')).toEqual([
    sentence(1, ['#', '# 1'], ['O', 'B-X']),
    sentence(4, ['#'], ['O']),
  ]);
});

it('gives an error in place of a sentence with a faulty line, and those around it', async () => {
  const ok = 'a\tS-x\nb\tE-y-z\n\n';
  const expected = 'expected a tag, O or one of B-, I-, E- and S- with a type, got';
  for (const [lines, message] of [
    ['a\tO\nb\nc\n', 'f:5: expected a token and a tag, got "b" alone'],
    ['a\tO\n\tO\n', 'f:5: expected a token ahead of the tag, got none'],
    ['a\tL-x\nb\n', `f:4: ${expected} "L-x"`],
    ['a\tB-\n', `f:4: ${expected} "B-"`],
    ['# sent_id = 1\na\tO\n', `f:4: ${expected} "1"`],
  ]) {
    const after = sentence(4 + lines.split('\n').length, ['a', 'b'], ['S-x', 'E-y-z']);
    expect(await parse(`${ok}${lines}\n${ok}`)).toEqual([
      sentence(1, ['a', 'b'], ['S-x', 'E-y-z']),
      new DataError(message),
      after,
    ]);
  }
});
