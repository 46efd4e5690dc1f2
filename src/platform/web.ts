import { DataError, UsageError } from '../errors.ts';
import { sha256 } from '../model/sha256.ts';
import type { ByteReader, ModelSource } from '../model/source.ts';
import { verifiedSource } from '../model/verified.ts';
import { createPipeline, type Platform } from '../tasks/pipeline.ts';

export * from '../index.ts';

/** Written out, not put together: bundlers find assets by this form. */
const KERNELS = {
  base: new URL('../base.wasm', import.meta.url),
  relaxed: new URL('../relaxed.wasm', import.meta.url),
};

/** Browsers: a model is the URL of its directory. */
const webPlatform: Platform = {
  kernels: () => ({
    async load(build) {
      const response = await fetch(KERNELS[build]);
      if (!response.ok) throw new DataError(`${KERNELS[build]}: expected the kernels, got HTTP ${response.status}`);
      // compileStreaming insists on the media type, which not every server knows.
      return response.headers.get('content-type') === 'application/wasm'
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer());
    },
  }),
  resolveModel(model) {
    if (model === undefined) throw new UsageError('model: expected the URL of a model directory, got undefined');
    return urlSource(model);
  },
};

/** @see createPipeline */
export const pipeline = createPipeline(webPlatform);

/**
 * The model whose files lie under a URL; where config.json carries a manifest, sizes and SHA-256 are checked as the bytes
 * pass. A head that was trained finds its encoder by the path from its own URL.
 */
export function urlSource(base: string | URL): ModelSource {
  const directory = new URL(`${String(base).replace(/\/$/, '')}/`, globalThis.location?.href);
  return verifiedSource(filesOf(directory), sha256, (encoder) => {
    if (!/^\.{1,2}\/[\w./-]+$/.test(encoder)) {
      throw new DataError(
        `${directory}: expected the encoder's path from here (../…), got ${encoder} (or train with --standalone)`,
      );
    }
    return filesOf(new URL(`${encoder.replace(/\/$/, '')}/`, directory));
  });
}

function filesOf(directory: URL): ModelSource {
  return {
    name: directory.href.slice(0, -1),
    async open(file) {
      const response = await fetch(new URL(file, directory));
      if (response.status === 404) return undefined;
      if (!response.ok) throw new DataError(`${response.url}: expected the file, got HTTP ${response.status}`);
      return responseReader(response);
    },
  };
}

/** Streams a response whose length is known; one without (or compressed, where the length is another) is read whole. */
async function responseReader(response: Response): Promise<ByteReader> {
  const { headers } = response;
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  const body = length !== null && response.body ? response.body : new Blob([await response.arrayBuffer()]);
  const stream = body instanceof Blob ? body.stream() : body;
  const reader = stream.getReader();
  let piece = new Uint8Array(0);
  return {
    size: body instanceof Blob ? body.size : Number(length),
    async read(into) {
      for (let at = 0; at < into.length; ) {
        if (piece.length === 0) {
          const { value } = await reader.read();
          if (!value) throw new DataError(`${response.url}: expected ${into.length - at} more bytes, got the end`);
          piece = value;
        }
        const part = piece.subarray(0, into.length - at);
        into.set(part, at);
        at += part.length;
        piece = piece.subarray(part.length);
      }
    },
    close: () => reader.cancel(),
  };
}
