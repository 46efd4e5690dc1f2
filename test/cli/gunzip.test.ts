import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { gunzip } from '../../src/cli/gunzip.ts';
import { DataError } from '../../src/errors.ts';
import { random } from '../fixtures/random.ts';
import { pieces } from './pieces.ts';

async function read(bytes: Uint8Array, size = 100): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of gunzip(pieces(bytes, size), 'f.gz')) parts.push(part);
  return Buffer.concat(parts);
}

const next = random(3);
const contents = Buffer.from(Array.from({ length: 300_000 }, () => 97 + Math.floor(next() * 16)));
const packed = gzipSync(contents);

it('gives what a file of one or several members holds', async () => {
  expect((await read(packed, 999)).equals(contents)).toBe(true);
  expect(String(await read(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), 1))).toBe('a\nb\n');
  expect(String(await read(gzipSync('')))).toBe('');
});

it('tells a file that is cut short, damaged, empty or none', async () => {
  for (const [bytes, message] of [
    [packed.subarray(0, packed.length - 1), /^f\.gz: expected a whole gzip file, got unexpected end of file$/],
    [packed.with(packed.length - 6, 0x55), /^f\.gz: expected a whole gzip file, got incorrect data check$/],
    [Buffer.from('text,label\n'), /^f\.gz: expected a whole gzip file, got incorrect header check$/],
    [Buffer.alloc(0), /^f\.gz: expected a whole gzip file, got unexpected end of file$/],
  ] as const) {
    const error = await read(bytes).catch((error) => error);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  }
});

it('passes on what fails beneath it, and stops reading when nobody asks', async () => {
  async function* failing() {
    yield packed.subarray(0, 1000);
    throw new DataError('f.gz: expected a readable file, got EIO');
  }
  await expect(async () => {
    for await (const _ of gunzip(failing(), 'f.gz'));
  }).rejects.toThrow(new DataError('f.gz: expected a readable file, got EIO'));

  let closed = false;
  async function* endless() {
    try {
      for (;;) yield gzipSync('line\n'.repeat(1000));
    } finally {
      closed = true;
    }
  }
  for await (const _ of gunzip(endless(), 'f.gz')) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(true);
});
