import base from '../base.wasm';
import relaxed from '../relaxed.wasm';
import { bindKernels } from './without-files.ts';

export * from '../index.ts';

/** Cloudflare Workers, which compile no WASM from bytes: an imported .wasm is a module, compiled when it was deployed. */
export const { pipeline, modelSource } = bindKernels({
  load: async (build) => ({ base, relaxed })[build],
});
