import type { Call } from './kernel-clock.ts';
import { median } from './median.ts';
import type { Work } from './work.ts';

/** What a pass spends on one kernel, or on one kind of linear layer. */
export interface Operation {
  /** Name of the kernel; `host` is all that is none: checks, pooling, the calls themselves. */
  operation: string;
  /** Of {@link Work}. */
  layer?: string;
  calls: number;
  us: number;
  /** Of the pass, 0 to 1. */
  share: number;
  gmac_per_second?: number;
  gb_per_second?: number;
}

/** One pass through the model, and the calls of kernels that it made. */
export interface Pass {
  ms: number;
  calls: readonly Call[];
}

interface Sum extends Pick<Operation, 'operation' | 'layer' | 'calls'> {
  ms: number;
  macs: number;
  bytes: number;
}

/**
 * Where the time of a pass goes, in its order. All passes make the same calls; each counts with its median, so that what
 * another process interrupts does not tell.
 */
export function operations(passes: readonly Pass[], workOf: (call: Call) => Work): Operation[] {
  const sums = new Map<string, Sum>();
  const add = (operation: string, ms: number, { layer, macs = 0, bytes = 0 }: Work): void => {
    const key = `${operation} ${layer}`;
    const sum = sums.get(key) ?? { operation, layer, calls: 0, ms: 0, macs: 0, bytes: 0 };
    sums.set(key, sum);
    sum.calls++;
    sum.ms += ms;
    sum.macs += macs;
    sum.bytes += bytes;
  };
  for (const [i, call] of passes[0].calls.entries()) {
    add(call.kernel, median(passes.map(({ calls }) => calls[i].ms)), workOf(call));
  }
  add('host', median(passes.map(({ ms, calls }) => calls.reduce((rest, call) => rest - call.ms, ms))), {});

  const rows = [...sums.values()];
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  return rows.map(({ operation, layer, calls, ms, macs, bytes }) => ({
    operation,
    layer,
    calls,
    us: ms * 1e3,
    share: ms / total,
    gmac_per_second: macs > 0 ? macs / ms / 1e6 : undefined,
    gb_per_second: bytes > 0 ? bytes / ms / 1e6 : undefined,
  }));
}
