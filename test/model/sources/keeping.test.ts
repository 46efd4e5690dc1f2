import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/errors.ts';
import type { ByteReader } from '../../../src/model/source.ts';
import { bytesReader } from '../../../src/model/sources/bytes.ts';
import type { FileStore } from '../../../src/model/sources/cache.ts';
import { keepingReader } from '../../../src/model/sources/keeping.ts';

/** More than one piece. */
const BYTES = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
const NO_ROOM = new Error('no room');

const store = (put: FileStore['put']): FileStore => ({
  get: async () => undefined,
  put,
  delete: async () => {},
});

/** As a browser's: its Response holds the stream, whether it reads it or not. */
const STORES: [string, FileStore['put']][] = [
  ['has no room at all', () => Promise.reject(NO_ROOM)],
  ['has none and holds the stream', async (_key, stream) => hold(stream, 0)],
  ['has none in the middle and holds the stream', async (_key, stream) => hold(stream, 1)],
  [
    'has none in the end',
    async (_key, stream) => {
      await new Response(stream).arrayBuffer();
      throw NO_ROOM;
    },
  ],
];

async function hold(stream: ReadableStream<Uint8Array>, reads: number): Promise<never> {
  const reader = stream.getReader();
  for (let i = 0; i < reads; i++) await reader.read();
  throw NO_ROOM;
}

function watched(reader: ByteReader): { reader: ByteReader; closed: () => boolean } {
  let closed = false;
  return {
    reader: {
      ...reader,
      close: async () => {
        closed = true;
        await reader.close();
      },
    },
    closed: () => closed,
  };
}

describe('a store that', () => {
  it.each(STORES)('%s costs no byte', async (_what, put) => {
    const { reader, closed } = watched(bytesReader(BYTES, 'weights'));
    let told = false;
    const keeping = keepingReader(reader, store(put), 'key', async () => {
      told = true;
    });
    const into = new Uint8Array(BYTES.length);
    expect(await keeping.read(into)).toBe(BYTES.length);
    expect(Buffer.compare(into, BYTES)).toBe(0);
    await keeping.close();
    expect([closed(), told]).toEqual([true, false]);
  });

  it('keeps the file has it whole, and tells of it', async () => {
    let kept: Uint8Array | undefined;
    let told: Uint8Array | undefined;
    const whole = store(async (_key, stream) => {
      kept = new Uint8Array(await new Response(stream).arrayBuffer());
    });
    const keeping = keepingReader(bytesReader(BYTES, 'weights'), whole, 'key', async () => {
      told = kept;
    });
    const into = new Uint8Array(1_000_001);
    while ((await keeping.read(into)) > 0);
    await keeping.close();
    expect(Buffer.compare(kept as Uint8Array, BYTES)).toBe(0);
    expect(told).toBe(kept);
  });
});

it('a file that is left, or is wrong, is in no store, and its own error stands', async () => {
  const outcomes: string[] = [];
  const whole = store((_key, stream) =>
    new Response(stream).arrayBuffer().then(
      () => void outcomes.push('kept'),
      (error) => {
        outcomes.push('refused');
        throw error;
      },
    ),
  );
  const left = watched(bytesReader(BYTES, 'weights'));
  const keeping = keepingReader(left.reader, whole, 'key', async () => void outcomes.push('told'));
  await keeping.read(new Uint8Array(10));
  await keeping.close();
  expect([left.closed(), ...outcomes]).toEqual([true, 'refused']);

  const wrong = watched({
    ...bytesReader(BYTES, 'weights'),
    read: () => Promise.reject(new DataError('weights: wrong')),
  });
  const broken = keepingReader(wrong.reader, whole, 'key', async () => void outcomes.push('told'));
  await expect(broken.read(new Uint8Array(10))).rejects.toThrow('weights: wrong');
  await broken.close();
  expect([wrong.closed(), ...outcomes]).toEqual([true, 'refused', 'refused']);
});
