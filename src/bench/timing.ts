import type { Model } from '../engine/model.ts';
import { kernelCeiling } from './ceiling.ts';
import type { KernelClock } from './kernel-clock.ts';
import { median } from './median.ts';
import { type Operation, operations, type Pass } from './operations.ts';
import { passOf, repeat, timed } from './passes.ts';
import { multiplyAdds, type Work, workOf } from './work.ts';

/** How long a sequence of `tokens` takes. */
export interface Timing {
  tokens: number;
  ms: number;
  tokens_per_second: number;
  gmac_per_second: number;
}

/** Where that time goes, and how much of what its kernel can do the model gets. */
export interface OperationTiming extends Timing {
  operations: Operation[];
  /** Of the kernel of the linear layers, with all that it reads at hand. */
  ceiling_gmac_per_second: number;
  /** What linear layers and attention multiply in the time of the whole pass, as a share of the ceiling. */
  forward_share: number;
  /** What the linear layers multiply in their own time. */
  linear_share: number;
}

/** Medians over passes. */
export function timePasses(model: Model, tokens: number): Timing {
  const pass = passOf(model, tokens);
  return timingOf(
    model,
    tokens,
    repeat(() => timed(pass)),
  );
}

/**
 * The same with a clock around each kernel. Every pass is compared with the ceiling measured right after it, for as
 * long, so that both lose alike to other processes; the shares are medians of these ratios.
 */
export function timeOperations(model: Model, tokens: number, clock: KernelClock): OperationTiming {
  const { config } = model;
  const pass = passOf(model, tokens);
  const measureCeiling = kernelCeiling(model.module, model.simd, model.dtype);
  const work = workOf(config, tokens);
  const { linear, attention } = multiplyAdds(config, tokens);
  clock.take(); // what loading called
  const rounds = repeat(() => {
    const ms = timed(pass);
    return { ms, calls: clock.take(), ceiling: measureCeiling(ms) };
  });
  const isLinear = ({ layer, macs }: Work) => layer !== undefined && macs !== undefined;
  const linearMs = ({ calls }: Pass) => calls.reduce((sum, call) => (isLinear(work(call)) ? sum + call.ms : sum), 0);
  return {
    ...timingOf(
      model,
      tokens,
      rounds.map(({ ms }) => ms),
    ),
    ceiling_gmac_per_second: median(rounds.map(({ ceiling }) => ceiling)),
    forward_share: median(rounds.map(({ ms, ceiling }) => (linear + attention) / ms / 1e6 / ceiling)),
    linear_share: median(rounds.map((round) => linear / linearMs(round) / 1e6 / round.ceiling)),
    operations: operations(rounds, work),
  };
}

function timingOf({ config }: Model, tokens: number, times: readonly number[]): Timing {
  const ms = median(times);
  const { linear, attention } = multiplyAdds(config, tokens);
  return {
    tokens,
    ms,
    tokens_per_second: (1e3 * tokens) / ms,
    gmac_per_second: (linear + attention) / ms / 1e6,
  };
}
