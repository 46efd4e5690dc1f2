import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type ModelInput, modelSource } from '../../../src/model/sources/input.ts';
import { nodeSha256 } from '../../../src/platform/node-files.ts';
import { nodeModelSource } from '../../../src/platform/node-platform.ts';
import { tinyOwnModel } from '../../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../helpers.ts';

const own = await tinyOwnModel();
const expected = await readModel(own);

const open = (input: unknown) =>
  modelSource(input as ModelInput, nodeSha256, () => {
    throw new Error('expected no name');
  });

/** A stream in pieces of that many bytes; a byte stream reads into its reader's own buffer. */
function stream(bytes: Uint8Array, piece: number, type?: 'bytes'): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    type: type as undefined,
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + piece));
      else controller.close();
      at += piece;
      // A byte stream that ends owes its reader the buffer back.
      if (at >= bytes.length + piece) (controller as unknown as ReadableByteStreamController).byobRequest?.respond(0);
    },
  });
}

const bodies: Record<string, (bytes: Uint8Array) => unknown> = {
  bytes: (bytes) => bytes,
  'a response': (bytes) => new Response(bytes as Uint8Array<ArrayBuffer>),
  'a stream': (bytes) => stream(bytes, 1000),
  'a byte stream': (bytes) => stream(bytes, 777, 'bytes'),
  'a promise of a stream of single bytes': async (bytes) => stream(bytes, 1),
};

it.each(Object.entries(bodies))('a function that gives %s', async (_name, body) => {
  const asked: string[] = [];
  const source = open((file: string) => {
    asked.push(file);
    return Object.hasOwn(own, file) ? body(own[file]) : undefined;
  });
  expect(await readModel(source)).toEqual(expected);
  expect(asked).toEqual(['config.json', 'encoder.safetensors', 'head.safetensors']);
});

it.each([
  ['undefined', undefined],
  ['null', null],
  ['404', () => new Response('', { status: 404 })],
])('a file that is not there: %s', async (_name, none) => {
  const source = open(() => (typeof none === 'function' ? none() : none));
  expect((await errorOf(() => readModel(source))).message).toBe(
    "model/config.json: expected a model's config.json, got no such file",
  );
});

it('a function that gives anything else, or fails', async () => {
  for (const value of ['text', 5, {}]) {
    expect(await errorOf(() => readModel(open(() => value)))).toEqual(
      new UsageError(
        'model/config.json: expected a Response, a ReadableStream, a Uint8Array, an ArrayBuffer or undefined, got another value',
      ),
    );
  }
  const own = new Error('my own');
  expect(await errorOf(() => readModel(open(() => Promise.reject(own))))).toBe(own);
});

it('a stream that breaks', async () => {
  const source = open((file: string) => {
    if (file !== 'encoder.safetensors') return own[file];
    return stream(own[file], 1000).pipeThrough(
      new TransformStream({
        transform(piece, controller) {
          if (piece.length === 1000) controller.enqueue(piece);
          else controller.error(new Error('the line went dead'));
        },
      }),
    );
  });
  expect((await errorOf(() => readModel(source))).message).toBe(
    'model/encoder.safetensors: expected the whole file, got a broken stream (the line went dead)',
  );
});

it('contents by name, and a source of the caller’s own', async () => {
  expect(await readModel(open(own))).toEqual(expected);
  expect(await readModel(open(open(own)))).toEqual(expected);
});

it.each([null, 5, [1], { 'config.json': 'text' }])('anything else: %j', (input) => {
  expect(() => open(input)).toThrow(UsageError);
});

it('what has no URL is kept in no cache', () => {
  expect(() => nodeModelSource(own, { cache: true })).toThrow('cache: expected a model by its URL, got another');
  expect(() => nodeModelSource('bertwasm-minilm', { cache: true })).toThrow(
    'cache: expected a model by its URL, got bertwasm-minilm',
  );
});

it('URLs of directories, in Node', async () => {
  const url = new URL('../../../models/minilm/', import.meta.url);
  expect(nodeModelSource(url).name).toBe(fileURLToPath(url));
  expect(() => nodeModelSource(new URL('data:,'))).toThrow('expected a URL of http:, https: or file:, got data:,');
});
