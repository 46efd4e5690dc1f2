import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { DataError, UsageError } from '../../../src/errors.ts';
import type { FileFunction } from '../../../src/model/sources/files.ts';
import { nodeModelSource } from '../../../src/platform/node-platform.ts';
import { tinyModel, tinyOwnModel } from '../../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../helpers.ts';

const own = await tinyOwnModel();
const WEIGHTS = 'encoder.safetensors';

/** The model, its weights as something else gives them. */
const withWeights =
  (weights: FileFunction): FileFunction =>
  (file) =>
    file === WEIGHTS ? weights(file) : own[file];
const stream = (pull: (controller: ReadableStreamDefaultController) => void, once = false) =>
  new ReadableStream({
    pull(controller) {
      pull(controller);
      if (once) controller.close();
    },
  });

it('a compressed length, whose encoding CORS hides, is not that of the file', async () => {
  for (const files of [own, tinyModel()]) {
    const body: FileFunction = (file) =>
      files[file] && new Response(files[file] as Uint8Array<ArrayBuffer>, { headers: { 'content-length': '49' } });
    expect(await readModel(nodeModelSource(body))).toEqual(await readModel(files));
  }
});

it('bytes of another realm are bytes', async () => {
  const foreign: typeof Uint8Array = runInNewContext('Uint8Array');
  const files = Object.fromEntries(Object.entries(own).map(([file, bytes]) => [file, foreign.from(bytes)]));
  expect(await readModel(nodeModelSource(files))).toEqual(await readModel(own));
  expect(
    await readModel(nodeModelSource((file) => files[file] && stream((c) => c.enqueue(files[file]), true))),
  ).toEqual(await readModel(own));
});

it('ArrayBuffers are bytes', async () => {
  const buffers = Object.fromEntries(Object.entries(own).map(([file, bytes]) => [file, bytes.slice().buffer]));
  expect(await readModel(nodeModelSource(buffers))).toEqual(await readModel(own));
  expect(await readModel(nodeModelSource((file) => buffers[file]))).toEqual(await readModel(own));
});

it.each<[string, FileFunction, typeof DataError | typeof UsageError, RegExp]>([
  [
    'pieces of no bytes, for ever',
    () => stream((controller) => controller.enqueue(new Uint8Array(0))),
    DataError,
    /encoder\.safetensors: expected bytes, got 1000 empty pieces one after the other$/,
  ],
  [
    'pieces of text',
    () => stream((controller) => controller.enqueue('weights')),
    DataError,
    /encoder\.safetensors: expected a stream of Uint8Arrays, got string$/,
  ],
  [
    'a stream that breaks without a reason',
    () => stream((controller) => controller.error()),
    DataError,
    /encoder\.safetensors: expected the whole file, got a broken stream \(no reason given\)$/,
  ],
  [
    'a stream that another reads',
    () => {
      const taken = new Response(own[WEIGHTS] as Uint8Array<ArrayBuffer>);
      taken.body?.getReader();
      return taken;
    },
    UsageError,
    /encoder\.safetensors: expected a stream that nothing reads, got one that is read already$/,
  ],
])('%s: one error that names the file', async (_what, weights, kind, message) => {
  const error = await errorOf(() => readModel(nodeModelSource(withWeights(weights))));
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toMatch(message);
});
