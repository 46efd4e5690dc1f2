/** The names under which contestants run, and which the tables show. */
export const ORT_WEB = 'onnxruntime-web';
export const TRANSFORMERS_WASM = 'transformers.js (WASM)';
export const TRANSFORMERS_NATIVE = 'transformers.js (Node)';
export const ORT_NODE_INT8 = 'onnxruntime-node int8';
export const ORT_NODE_FP32 = 'onnxruntime-node fp32';
export const PYTORCH = 'PyTorch fp32';
export const BASE = 'bertwasm base';
export const RELAXED = 'bertwasm relaxed';
/** The same as base: what a ratio of 1 looks like in this run. */
export const BASE_AGAIN = 'bertwasm base again';

/** The name of a contestant with so many threads. */
export const withThreads = (name: string, threads: number): string =>
  threads === 1 ? name : `${name}, ${threads} threads`;

export const isOwn = (name: string): boolean => name.startsWith('bertwasm');
/** Whether it runs in WebAssembly; the others are native code. */
export const isWasm = (name: string): boolean => /^(bertwasm|onnxruntime-web)|\(WASM\)/.test(name);
