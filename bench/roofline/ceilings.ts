import binaryen from 'binaryen';

/** Accumulators in flight: enough to hide the latency of the instruction, and few enough for V8's 15 registers. */
const ACCUMULATORS = 12;
/** More than any cache. */
const BYTES = 256 * 2 ** 20;

export interface Ceilings {
  /** Multiply-accumulates of one call of `dot`. */
  macs: number;
  /** Bytes that one call of `read` reads. */
  bytes: number;
  dot(): void;
  read(): void;
}

/**
 * The two limits of a roofline on one thread: the build's dot product on registers alone, and loads of 16 bytes through more
 * memory than any cache holds.
 */
export async function ceilings(build: 'base' | 'relaxed'): Promise<Ceilings> {
  const wasm = binaryen.parseText(program(build));
  wasm.setFeatures(binaryen.Features.All);
  const { instance } = await WebAssembly.instantiate(wasm.emitBinary() as Uint8Array<ArrayBuffer>);
  const { dot, read, memory } = instance.exports as unknown as {
    dot(turns: number): number;
    read(bytes: number): number;
    memory: WebAssembly.Memory;
  };
  new Uint8Array(memory.buffer).fill(1); // else all pages are one page of zeros
  const turns = 2_000_000;
  const lanes = build === 'base' ? 8 : 16;
  return {
    macs: turns * ACCUMULATORS * lanes,
    bytes: BYTES,
    dot: () => void dot(turns),
    read: () => void read(BYTES),
  };
}

/** Each product takes the sum before it as an operand, so that no compiler moves it out of the loop. */
const DOT = {
  base: (sum: string) => `(i32x4.add ${sum} (i32x4.dot_i16x8_s ${sum} (local.get $b)))`,
  relaxed: (sum: string) => `(i32x4.relaxed_dot_i8x16_i7x16_add_s ${sum} (local.get $b) ${sum})`,
};

function program(build: 'base' | 'relaxed'): string {
  const sums = Array.from({ length: ACCUMULATORS }, (_, i) => `$s${i}`);
  const locals = sums.map((sum) => `(local ${sum} v128)`).join(' ');
  const total = sums.map((sum) => `(local.get ${sum})`).reduce((a, b) => `(i32x4.add ${a} ${b})`);
  const products = sums.map((sum) => `(local.set ${sum} ${DOT[build](`(local.get ${sum})`)})`);
  const loads = sums.slice(0, 8).map((sum, i) => {
    return `(local.set ${sum} (v128.xor (local.get ${sum}) (v128.load offset=${16 * i} (local.get $at))))`;
  });
  return `(module
    (memory (export "memory") ${BYTES / 65536})
    (func (export "dot") (param $n i32) (result i32) (local $b v128) ${locals}
      (local.set $b (i32x4.splat (local.get $n)))
      ${sums.map((sum, i) => `(local.set ${sum} (i32x4.splat (i32.const ${i + 1})))`).join('\n')}
      (loop $again
        ${products.join('\n')}
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32x4.extract_lane 0 ${total}))
    (func (export "read") (param $end i32) (result i32) (local $at i32) ${locals}
      (loop $again
        ${loads.join('\n')}
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 128))) (local.get $end))))
      (i32x4.extract_lane 0 ${total})))`;
}
