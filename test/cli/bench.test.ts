import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/bench/kernel-clock.ts';
import { type Operation, operations } from '../../src/bench/operations.ts';
import type { OperationTiming, Timing } from '../../src/bench/timing.ts';
import { multiplyAdds, workOf } from '../../src/bench/work.ts';
import { parseConfig } from '../../src/model/config.ts';
import { tinyConfig } from '../fixtures/tiny-model.ts';
import { workspace } from './bertwasm.ts';

const { run } = workspace();
const config = parseConfig(tinyConfig(), 'config.json');

describe('bench', () => {
  it('times the lengths that the model takes', async () => {
    const { stdout, stderr, code } = await run(['bench', '--model', 'own', '--json']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const { timings, ...model } = JSON.parse(stdout);
    expect(model).toMatchObject({ model: 'own', dtype: 'q8', layers: 2, dim: 32 });
    expect(timings.map(({ tokens }: Timing) => tokens)).toEqual([8, 32, 64]);
    for (const { tokens, ms, tokens_per_second, gmac_per_second } of timings as Timing[]) {
      expect(tokens_per_second * ms).toBeCloseTo(1000 * tokens);
      const { linear, attention } = multiplyAdds(config, tokens);
      expect(gmac_per_second * ms * 1e6).toBeCloseTo(linear + attention, 3);
    }
  }, 30_000);

  it.each(['own', 'hf'])(
    '--ops tells where the time goes, layer by layer: %s',
    async (model) => {
      const { stdout, code } = await run(['bench', '--model', model, '--tokens', '8', '--ops', '--json']);
      expect(code).toBe(0);
      const [timing] = JSON.parse(stdout).timings as OperationTiming[];
      expect(Object.values(timing).filter((figure) => typeof figure === 'number' && !(figure > 0))).toEqual([]);
      const { operations } = timing;
      const encoder = operations.filter(({ layer }) => layer !== undefined && layer !== 'head');
      expect(encoder.map(({ layer, calls }) => [layer, calls])).toEqual([
        ['qkv', 2],
        ['out', 2],
        ['hidden', 2],
        ['output', 2],
      ]);
      // No multiplication is forgotten or counted twice, whatever the kernels are.
      const macs = operations.reduce((sum, { us, gmac_per_second = 0 }) => sum + us * gmac_per_second * 1e3, 0);
      const { linear, attention } = multiplyAdds(config, 8);
      expect(macs).toBeCloseTo(linear + attention, 3);
      expect(operations.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
      expect(operations.filter(({ layer }) => layer === 'head').map(({ operation }) => operation)).toContain(
        'matmulF32',
      );
      expect(operations.at(-1)).toMatchObject({ operation: 'host', calls: 1 });
    },
    30_000,
  );

  it('prints tables for people', async () => {
    const { stdout } = await run(['bench', '--model', 'own', '--tokens', '8', '--ops']);
    expect(stdout).toMatch(
      /^own: 2 layers of 32, q8, (base|relaxed) build, 1 thread, Node \d+\.\d+\.\d+\n\ntokens {2}ms .*\n8 +\d/,
    );
    expect(stdout).toMatch(/\n8 tokens +layer +calls +µs +share +GMAC\/s +GB\/s\n/);
    expect(stdout).toMatch(
      /\n\nceiling +\d+\.\d GMAC\/s\nforward pass +\d+\.\d % of it\nlinear layers +\d+\.\d % of it\n$/,
    );
  }, 30_000);

  it('takes no more tokens than the model', async () => {
    expect(await run(['bench', '--model', 'own', '--tokens', '65'])).toEqual({
      stdout: '',
      stderr: 'bertwasm: --tokens: expected at most 64, got 65\n',
      code: 2,
    });
  });
});

describe('operations', () => {
  const call = (kernel: Call['kernel'], ms: number): Call => ({ kernel, args: [], ms, head: false });
  const passes = [1, 2, 30].map((ms) => ({
    ms: 10 + 3 * ms,
    calls: [call('gelu', 2 * ms), call('packWeight', 1), call('gelu', ms)],
  }));

  it('count each call with its median over the passes; what is left is the host', () => {
    const shares = operations(passes, workOf(config, 8)).map(({ operation, calls, us, gb_per_second }: Operation) => ({
      operation,
      calls,
      us,
      gb_per_second,
    }));
    expect(shares).toEqual([
      { operation: 'gelu', calls: 2, us: 6000, gb_per_second: expect.closeTo((2 * 8 * 8 * config.hiddenDim) / 6e6, 9) },
      { operation: 'packWeight', calls: 1, us: 1000, gb_per_second: undefined },
      { operation: 'host', calls: 1, us: 9000, gb_per_second: undefined },
    ]);
  });
});
