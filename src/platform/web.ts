import { DataError } from '../errors.ts';
import { bindKernels } from './without-files.ts';

export * from '../index.ts';

/** Written out, not put together: bundlers find assets by this form. */
const KERNELS = {
  base: new URL('../base.wasm', import.meta.url),
  relaxed: new URL('../relaxed.wasm', import.meta.url),
};

/** Pages and their workers. */
export const { pipeline, modelSource } = bindKernels({
  async load(build) {
    const response = await fetch(KERNELS[build]);
    if (!response.ok) throw new DataError(`${KERNELS[build]}: expected the kernels, got HTTP ${response.status}`);
    // compileStreaming insists on the media type, which not every server knows.
    return response.headers.get('content-type') === 'application/wasm'
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  },
});
