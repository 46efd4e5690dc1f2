import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { DataError, UsageError } from '../../../src/errors.ts';
import { type ModelSource, readBytes } from '../../../src/model/source.ts';
import { urlSource } from '../../../src/model/sources/url.ts';
import { nodeSha256 } from '../../../src/platform/node-files.ts';
import { fakeCaches } from '../../fixtures/fake-caches.ts';
import { type FileServer, serveFiles } from '../../fixtures/file-server.ts';
import { type Files, tinyModel, tinyOwnModel } from '../../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../helpers.ts';

const own = await tinyOwnModel();
const server: FileServer = await serveFiles(own);
afterAll(() => server.close());
beforeEach(() => {
  server.files = own;
  server.requests.length = 0;
});

const source = (sending: string, options = {}) => urlSource(`${server.url}/${sending}`, nodeSha256, options);
/** Every file that the manifest lists, as a pipeline does: config.json is kept after the last. */
const readKept = async (files: ModelSource) => {
  await readBytes(files, 'tokenizer.json', 1e6);
  return readModel(files);
};
const flipped = (files: Files, name: string): Files => {
  const bytes = files[name].slice();
  bytes[bytes.length - 1] ^= 1;
  return { ...files, [name]: bytes };
};

it.each(['plain', 'chunked', 'gzip'])('reads a model over HTTP: %s', async (sending) => {
  const expected = await readModel(own);
  expect(expected.size).toBeGreaterThan(0);
  expect(await readModel(source(sending))).toEqual(expected);
  expect(server.requests.filter((path) => path.endsWith('config.json'))).toHaveLength(1);
});

it.each(['plain', 'chunked', 'gzip'])(
  'reads a float checkpoint, whose lengths no manifest tells: %s',
  async (sending) => {
    server.files = tinyModel();
    expect(await readModel(source(sending))).toEqual(await readModel(tinyModel()));
  },
);

it.each(['plain', 'chunked'])('refuses what is not as the manifest says: %s', async (sending) => {
  const weights = own['encoder.safetensors'];
  server.files = flipped(own, 'encoder.safetensors');
  expect((await errorOf(() => readModel(source(sending)))).message).toMatch(
    /encoder\.safetensors: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
  );
  server.files = { ...own, 'encoder.safetensors': weights.subarray(0, -3) };
  expect((await errorOf(() => readModel(source(sending)))).message).toMatch(
    new RegExp(`encoder\\.safetensors: expected ${weights.length} bytes, got ${weights.length - 3}$`),
  );
  server.files = { ...own, 'encoder.safetensors': Buffer.concat([weights, Buffer.of(0)]) };
  expect((await errorOf(() => readModel(source(sending)))).message).toMatch(
    /encoder\.safetensors: expected the file's end, got more bytes$/,
  );
});

it.each(['plain', 'chunked'])('refuses a float checkpoint that goes on, or ends early: %s', async (sending) => {
  const model = tinyModel();
  const weights = model['model.safetensors'];
  server.files = { ...model, 'model.safetensors': Buffer.concat([weights, Buffer.of(0)]) };
  expect(await errorOf(() => readModel(source(sending)))).toBeInstanceOf(DataError);
  server.files = { ...model, 'model.safetensors': weights.subarray(0, -1) };
  expect(await errorOf(() => readModel(source(sending)))).toBeInstanceOf(DataError);
});

it('tells a missing file from a failing server, and from none', async () => {
  expect(await source('plain').open('none.json')).toBeUndefined();
  await expect(source('broken').open('config.json')).rejects.toThrow(/config\.json: expected the file, got HTTP 500/);
  const gone = urlSource('http://127.0.0.1:9', nodeSha256);
  await expect(gone.open('config.json')).rejects.toThrow(/config\.json: expected an answer, got none/);
});

it('takes no path that is no URL where there is no page', () => {
  expect(() => urlSource('./model', nodeSha256)).toThrow(UsageError);
});

it('asks for no file by a name that leads elsewhere', async () => {
  server.files = tinyModel();
  await expect(source('plain').open('../plain/config.json')).rejects.toThrow(/plain file name/);
});

it('has no cache to keep files in, in Node', () => {
  expect(() => source('plain', { cache: true })).toThrow('cache: expected a runtime with the Cache API');
});

it('keeps files by their SHA-256: the second load asks for config.json alone, a third for nothing', async () => {
  using _kept = fakeCaches();
  const first = await readKept(source('chunked', { cache: true }));
  expect(first).toEqual(await readModel(own));
  server.requests.length = 0;
  expect(await readKept(source('chunked', { cache: true }))).toEqual(first);
  expect(server.requests).toEqual(['/chunked/config.json']);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  try {
    expect(await readKept(source('chunked', { cache: true }))).toEqual(first);
  } finally {
    vi.unstubAllGlobals();
  }
});

it('keeps nothing of a file that came wrong, and forgets one that was kept wrong', async () => {
  using kept = fakeCaches();
  server.files = flipped(own, 'encoder.safetensors');
  expect(await errorOf(() => readKept(source('plain', { cache: true })))).toBeInstanceOf(DataError);
  expect([...kept.bodies.values()].map(({ length }) => length)).not.toContain(own['encoder.safetensors'].length);
  server.files = own;
  const first = await readKept(source('plain', { cache: true }));
  for (const bytes of kept.bodies.values()) if (bytes.length === own['encoder.safetensors'].length) bytes[9000] ^= 1;
  expect(await errorOf(() => readKept(source('plain', { cache: true })))).toBeInstanceOf(DataError);
  expect(await readKept(source('plain', { cache: true }))).toEqual(first);
});

it('loads all the same where there is no room to keep it', async () => {
  using _kept = fakeCaches({ room: 1000 });
  expect(await readKept(source('plain', { cache: true }))).toEqual(await readModel(own));
});

it('asks every file what the URL asks, and tells it in no message', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: URL) => {
    asked.push(url.href);
    return new Response(null, { status: 404 });
  });
  try {
    for (const url of ['https://host/a/model?token=secret', 'https://host/a/model/?token=secret#part']) {
      const files = urlSource(url, nodeSha256);
      expect(await files.open('config.json')).toBeUndefined();
      expect(files.name).toBe('https://host/a/model');
    }
  } finally {
    vi.unstubAllGlobals();
  }
  expect(asked).toEqual(Array(2).fill('https://host/a/model/config.json?token=secret'));
  for (const url of ['https://user:secret@host/model', 'model?token=secret']) {
    expect(() => urlSource(url, nodeSha256)).toThrow(UsageError);
    expect(() => urlSource(url, nodeSha256)).not.toThrow(/secret/);
  }
});

it('what came in place of config.json, or before its files, replaces nothing that was kept', async () => {
  using _kept = fakeCaches();
  const first = await readKept(source('plain', { cache: true }));
  const offline = async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    try {
      return await readKept(source('plain', { cache: true }));
    } finally {
      vi.unstubAllGlobals();
    }
  };
  // The page of a network that wants a password first.
  server.files = { ...own, 'config.json': new TextEncoder().encode('<html>Welcome</html>') };
  expect(await readKept(source('plain', { cache: true }))).toEqual(first);
  expect(await offline()).toEqual(first);
  // An update of which one file does not come.
  for (const file of ['encoder.safetensors', 'head.safetensors']) {
    const config = JSON.parse(Buffer.from(own['config.json']).toString());
    config.bertwasm.files[file].sha256 = '0'.repeat(64);
    server.files = { ...own, 'config.json': new TextEncoder().encode(JSON.stringify(config)) };
    expect(await errorOf(() => readKept(source('plain', { cache: true })))).toBeInstanceOf(DataError);
    expect(await offline()).toEqual(first);
  }
});

it('asks again after a failure', async () => {
  const files = source('plain');
  server.files = { ...own, 'config.json': new TextEncoder().encode('{') };
  await expect(files.open('config.json')).rejects.toThrow(DataError);
  server.files = own;
  expect(await readModel(files)).toEqual(await readModel(own));
});

it('what a URL asks may choose the model: each is kept apart', async () => {
  using kept = fakeCaches();
  for (const version of [1, 2]) {
    await readKept(urlSource(`${server.url}/plain?v=${version}`, nodeSha256, { cache: true }));
  }
  expect([...kept.bodies.keys()].filter((key) => key.includes('config.json'))).toEqual(
    [1, 2].map((version) => `${server.url}/plain/config.json?v=${version}`),
  );
});
