import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { urlSource } from '../../src/platform/web.ts';
import { type Files, tinyOwnModel } from '../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../model/helpers.ts';

let files: Files;
let server: Server;
let base: string;
beforeAll(async () => {
  files = await tinyOwnModel();
  server = createServer(({ url = '' }, response) => {
    const bytes = Object.hasOwn(files, url.slice(1)) ? files[url.slice(1)] : undefined;
    response.writeHead(bytes ? 200 : 404, { 'content-length': bytes?.length ?? 0 }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('a byte that changed on its way is an error', async () => {
  await readModel(urlSource(base));
  const weights = files['encoder.safetensors'].slice();
  weights[weights.length - 1] ^= 1;
  files = { ...files, 'encoder.safetensors': weights };
  const error = await errorOf(() => readModel(urlSource(base)));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toMatch(/encoder\.safetensors: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/);
});
