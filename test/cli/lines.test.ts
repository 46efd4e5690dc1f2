import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLines } from '../../src/cli/lines.ts';
import { pieces } from './pieces.ts';

async function all(text: string | Uint8Array, size: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const piece of readLines(pieces(text, size), 'f')) lines.push(...piece.map(({ text }) => text));
  return lines;
}

it('cuts at newlines alone, from reads of any size', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r', '\u2028', '\0'), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 12 }), async (text, size) => {
      text = `first\n${text}`; // the first line has a rule of its own
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(await all(text, size)).toEqual(expected);
    }),
  );
});

it('drops a byte order mark at the start alone', async () => {
  expect(await all('\uFEFFa\n\uFEFFb', 1)).toEqual(['a', '\uFEFFb']);
});

it('numbers lines and yields those ahead of a fault', async () => {
  for (const size of [1, 3, 100]) {
    const places: string[] = [];
    const run = async () => {
      const bytes = Buffer.concat([Buffer.from('one\ntwo\n'), Buffer.of(0xff, 0x0a), Buffer.from('four')]);
      for await (const piece of readLines(pieces(bytes, size), 'f')) places.push(...piece.map(({ place }) => place));
    };
    await expect(run).rejects.toThrow('f:3: expected UTF-8 text, got other bytes');
    expect(places).toEqual(['f:1', 'f:2']);
  }
});

it('refuses a file whose lines end in CR alone; the CR of a CRLF stays', async () => {
  for (const size of [1, 100]) {
    await expect(all('a\rb\r', size)).rejects.toThrow('f:1: expected lines that end in LF or CRLF, got a lone CR');
    expect(await all('a\r\nb\r', size)).toEqual(['a\r', 'b\r']);
  }
});

it('refuses UTF-16 and a line without end', async () => {
  await expect(all(Buffer.from('\uFEFFab', 'utf16le'), 100)).rejects.toThrow('f:1: expected UTF-8 text');
  async function* endless() {
    for (;;) yield Buffer.alloc(1 << 20, 'x');
  }
  await expect(async () => {
    for await (const _ of readLines(endless(), 'f'));
  }).rejects.toThrow('f:1: expected a line of at most 67108864 bytes, got more');
});
