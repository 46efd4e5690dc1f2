import type { Build } from '../../src/engine/kernels.ts';
import { root } from '../files.ts';
import type { Peer } from './peer.ts';

// What ships is measured: the compiled files, with their kernels beside them.
const dist = `${root}dist`;
const { nodePlatform } = (await import(
  `${dist}/platform/node-platform.js`
)) as typeof import('../../src/platform/node-platform.ts');
const { loadModel } = (await import(`${dist}/tasks/pipeline.js`)) as typeof import('../../src/tasks/pipeline.ts');
const { UsageError } = (await import(`${dist}/errors.js`)) as typeof import('../../src/errors.ts');

export type Bertwasm = Peer & { encode(text: string): Int32Array };

export async function loadBertwasm(name: string, simd: Build): Promise<Bertwasm> {
  const { model, tokenizer } = await loadModel(nodePlatform, 'text-classification', name, { simd });
  return {
    logits: (batch) => model.logits(batch),
    encode: (text) => tokenizer.encode(text).ids,
  };
}

/** The same, or undefined where the load-time probe finds the relaxed dot inexact. */
export async function loadRelaxed(name: string): Promise<Bertwasm | undefined> {
  try {
    return await loadBertwasm(name, 'relaxed');
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
