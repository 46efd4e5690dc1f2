import base from '../base-light.wasm';
import relaxed from '../relaxed-light.wasm';
import { bindKernels } from './without-files.ts';

export * from '../index.ts';

/**
 * Cloudflare Workers, which compile no WASM from bytes: an imported .wasm is a module, compiled when it was deployed. There each load
 * checks its bounds, so the kernels are those of few loads.
 */
export const { pipeline, modelSource } = bindKernels({
  load: async (build) => ({ base, relaxed })[build],
});
