import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import { loadRuntime } from './runtime.ts';

/** Beside this file, with its ending: .ts in the sources, .js where they are built. */
const PROBE = new URL(`./device-probe${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

export const DEVICES = ['auto', 'cpu', 'cuda'] as const;

export interface Device {
  name: 'cpu' | 'cuda';
  /** Why it is not CUDA, where that would have been taken. */
  reason?: string;
}

/**
 * Where to compute. `auto` takes CUDA where it works.
 *
 * @throws UsageError where onnxruntime-node is missing, or CUDA was asked for and can't be had, naming the cause
 */
export async function chooseDevice(asked: (typeof DEVICES)[number]): Promise<Device> {
  await loadRuntime();
  if (asked === 'cpu') return { name: 'cpu' };
  const fault = await probeCuda();
  if (fault === undefined) return { name: 'cuda' };
  if (asked === 'auto') return { name: 'cpu', reason: fault };
  throw new UsageError(`device: expected a GPU that CUDA can use, got none: ${fault}`);
}

/** Why CUDA can't be used; nothing where it can. */
async function probeCuda(): Promise<string | undefined> {
  const child = spawn(process.execPath, [fileURLToPath(PROBE)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  return code === 0 ? undefined : cudaFault(said);
}

/** What to do about it, by what ONNX Runtime or CUDA say. The first that fits is told. */
const CAUSES: readonly [said: RegExp, told: (match: RegExpExecArray) => string][] = [
  [
    /libonnxruntime_providers_(?:shared|cuda)\.so: cannot open shared object file/,
    () =>
      'onnxruntime-node has no CUDA provider, which its installation fetches on Linux x64 (ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node, within a network)',
  ],
  [
    /(libcuda\.so[.\d]*): cannot open shared object file/,
    ([, library]) => `${library} is missing: the machine has no NVIDIA driver`,
  ],
  [
    /(libcudnn[\w.]*\.so[.\d]*): cannot open shared object file/,
    ([, library]) => `${library} is missing: install cuDNN 9 for CUDA 12, or add its directory to LD_LIBRARY_PATH`,
  ],
  [
    /(lib[\w.+-]+\.so[.\d]*): cannot open shared object file/,
    ([, library]) => `${library} is missing: install CUDA 12, or add its directory to LD_LIBRARY_PATH`,
  ],
  [/CUDA failure 35\b/, () => 'the NVIDIA driver is missing, or older than CUDA 12 needs'],
  [/CUDA failure 100\b|no CUDA-capable device/, () => 'the driver finds no GPU (see nvidia-smi, CUDA_VISIBLE_DEVICES)'],
  [/CUDA failure 2\b|out of memory|Failed to allocate memory/i, () => 'the memory of the GPU is full (see nvidia-smi)'],
  [/(CU[A-Z]+ failure \d+: [^;\n]*[^;\s])/, ([, failure]) => failure],
  [/Failed to load library \S+ with error: (.+)/, ([, cause]) => `the CUDA provider does not load: ${cause}`],
];

/** The cause of a failed probe in a line, from what it wrote to stderr. */
export function cudaFault(said: string): string {
  for (const [pattern, told] of CAUSES) {
    const match = pattern.exec(said);
    if (match) return told(match);
  }
  const lines = said.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').at(-1) ?? 'the probe ended without a word';
}
