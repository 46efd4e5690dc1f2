import { DataError } from '../errors.ts';
import { bindKernels } from './without-files.ts';

export * from '../index.ts';

/** Written out, not put together: bundlers find assets by this form. */
const KERNELS = {
  base: new URL('../base.wasm', import.meta.url),
  relaxed: new URL('../relaxed.wasm', import.meta.url),
};
const SHARED_KERNELS = {
  base: new URL('../base-threads.wasm', import.meta.url),
  relaxed: new URL('../relaxed-threads.wasm', import.meta.url),
};

/** Pages and their workers; threads where they are cross-origin isolated. */
export const { pipeline, modelSource } = bindKernels({
  async load(build, shared) {
    const url = (shared ? SHARED_KERNELS : KERNELS)[build];
    const response = await fetch(url);
    if (!response.ok) throw new DataError(`${url}: expected the kernels, got HTTP ${response.status}`);
    // compileStreaming insists on the media type, which not every server knows.
    return response.headers.get('content-type') === 'application/wasm'
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  },
  startThread(setup) {
    new Worker(new URL('./web-thread.js', import.meta.url), { type: 'module' }).postMessage(setup);
  },
});
