import { UsageError } from '../errors.ts';

/** Which build of the kernels: `base` runs wherever WASM SIMD does, `relaxed` needs relaxed SIMD with an exact dot. */
export type Build = 'base' | 'relaxed';

/** How a platform hands over a compiled build: workers must not compile bytes, Node reads a file, a page fetches. */
export interface KernelBinaries {
  /** @param shared whether its memory is one that threads share */
  load(build: Build, shared?: boolean): Promise<WebAssembly.Module>;
  /** Starts a thread and posts it what `runThread` takes. Absent where there are none. */
  startThread?(setup: unknown): void;
}

type Pointer = number;

/** What `assembly/index.ts` exports; shapes stand with each kernel there. */
export interface Kernels {
  attention(
    qkv: Pointer,
    rowBytes: number,
    T: number,
    D: number,
    H: number,
    from: number,
    to: number,
    scratch: Pointer,
    context: Pointer,
  ): void;
  attentionQ8(
    qkv: Pointer,
    rowBytes: number,
    T: number,
    D: number,
    H: number,
    from: number,
    to: number,
    scratch: Pointer,
    context: Pointer,
  ): void;
  embedQ8(ids: Pointer, T: number, D: number, words: Pointer, scale: Pointer, position: Pointer, x: Pointer): void;
  embedF32(ids: Pointer, T: number, D: number, words: Pointer, position: Pointer, x: Pointer): void;
  gelu(x: Pointer, N: number): void;
  relu(x: Pointer, N: number): void;
  layerNorm(x: Pointer, T: number, D: number, gain: Pointer, bias: Pointer, epsilon: number): void;
  addLayerNorm(x: Pointer, y: Pointer, T: number, D: number, gain: Pointer, bias: Pointer, epsilon: number): void;
  quantizeRows(
    x: Pointer,
    rowBytes: number,
    T: number,
    K: number,
    columns: Pointer,
    C: number,
    packed: Pointer,
    scale: Pointer,
    rowTerm: Pointer,
    outliers: Pointer,
  ): void;
  linearQ8(
    packed: Pointer,
    rowScale: Pointer,
    rowTerm: Pointer,
    outliers: Pointer,
    T: number,
    K: number,
    weight: Pointer,
    scale: Pointer,
    bias: Pointer,
    columnTerm: Pointer,
    outlierWeight: Pointer,
    C: number,
    N: number,
    y: Pointer,
    yBytes: number,
  ): void;
  matmulF32(
    a: Pointer,
    aBytes: number,
    b: Pointer,
    bias: Pointer,
    y: Pointer,
    yBytes: number,
    M: number,
    N: number,
    K: number,
  ): void;
  packWeight(source: Pointer, N: number, K: number, target: Pointer, columnTerm: Pointer): void;
  packRowsF32(source: Pointer, rowBytes: number, N: number, K: number, target: Pointer): void;
  softmax(x: Pointer, rowBytes: number, M: number, N: number, scale: number): void;
  sigmoid(x: Pointer, N: number): void;
  probeDot(a: number, b: number): number;
  weightGradient(
    x: Pointer,
    xBytes: number,
    dy: Pointer,
    dyBytes: number,
    M: number,
    N: number,
    K: number,
    gradient: Pointer,
  ): void;
  biasGradient(dy: Pointer, dyBytes: number, M: number, N: number, gradient: Pointer): void;
  transposePanels(source: Pointer, N: number, K: number, target: Pointer): void;
  reluGradient(dy: Pointer, y: Pointer, N: number): void;
  dropout(x: Pointer, N: number, threshold: number, seed: number, stream: number, step: number): void;
  crossEntropy(
    logits: Pointer,
    rowBytes: number,
    M: number,
    L: number,
    targets: Pointer,
    weights: Pointer,
    keep: number,
    spread: number,
    total: number,
  ): number;
  sigmoidCrossEntropy(logits: Pointer, rowBytes: number, M: number, L: number, targets: Pointer, total: number): number;
  sumSquares(x: Pointer, N: number): number;
  adamw(
    weights: Pointer,
    gradient: Pointer,
    m: Pointer,
    v: Pointer,
    N: number,
    clip: number,
    decay: number,
    rate1: number,
    beta2: number,
    rate2: number,
    root: number,
    epsilon: number,
    stepSize: number,
  ): void;
}

/**
 * The only place that instantiates WASM. The kernels import their memory, which the host has sized beforehand, and nothing else: they
 * take numbers alone, so that AssemblyScript's loader would add 2.2 kB to what a page ships and no more.
 */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/** A module of one function that holds a relaxed dot: it validates only where the engine knows relaxed SIMD. */
const RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // function 0
  ...[0x0a, 0x0f, 0x01, 0x0d, 0x00], // code, no locals
  ...[0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f], // two i8x16.splat(0)
  ...[0xfd, 0x92, 0x02], // i16x8.relaxed_dot_i8x16_i7x16_s
  0x0b,
);

/**
 * Four s8 and four u8 each. The dots known to be inexact get at least one wrong: those that read b as s8, that saturate
 * pairs at 16 bits, and V8's baseline compiler behind its flag in Node 20, which doubles every result.
 */
const PROBES = [
  { a: [1, 2, 3, 4], b: [5, 6, 7, 8] },
  { a: [127, 127, 127, 127], b: [255, 255, 255, 255] },
  { a: [-128, -128, -128, -128], b: [255, 255, 255, 255] },
  { a: [-128, 127, -1, 1], b: [127, 128, 255, 200] },
];

/** Whether this engine on this CPU computes the relaxed dot of s8 and u8 exactly (in V8: where there is AVX-VNNI). */
export function relaxedIsExact(module: WebAssembly.Module): boolean {
  const { probeDot } = instantiate(module, new WebAssembly.Memory({ initial: 1 }));
  const word = (bytes: number[]) => new DataView(Uint8Array.from(bytes).buffer).getInt32(0, true);
  return PROBES.every(({ a, b }) => probeDot(word(a), word(b)) === a.reduce((sum, value, i) => sum + value * b[i], 0));
}

/**
 * Chooses the build: `auto` takes the relaxed one where it is exact, since both then compute the same integers.
 *
 * @throws UsageError where `relaxed` is asked for and is not exact here
 */
export async function chooseBuild(
  binaries: KernelBinaries,
  simd: 'auto' | Build,
): Promise<{ build: Build; module: WebAssembly.Module }> {
  if (simd !== 'base') {
    if (WebAssembly.validate(RELAXED_SIMD)) {
      const module = await binaries.load('relaxed');
      if (relaxedIsExact(module)) return { build: 'relaxed', module };
    }
    if (simd === 'relaxed') {
      throw new UsageError(
        'simd: expected an engine and CPU with an exact relaxed dot product for "relaxed", got neither',
      );
    }
  }
  return { build: 'base', module: await binaries.load('base') };
}
