import base from '../base.wasm?module';
import relaxed from '../relaxed.wasm?module';
import { bindKernels } from './without-files.ts';

export * from '../index.ts';

/** Vercel's edge functions, which compile no WASM from bytes: with `?module` an imported .wasm is a compiled module. */
export const { pipeline, modelSource } = bindKernels({
  load: async (build) => ({ base, relaxed })[build],
});
