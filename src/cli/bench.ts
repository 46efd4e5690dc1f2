import { Command } from 'commander';
import { KernelClock } from '../bench/kernel-clock.ts';
import { type OperationTiming, type Timing, timeOperations, timePasses } from '../bench/timing.ts';
import { MOST_THREADS } from '../engine/control.ts';
import { Model } from '../engine/model.ts';
import { DataError, UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { type ModelOptions, modelOptions, pipelineOptions, wholeNumber } from './options.ts';
import { print, printJson, table } from './output.ts';

interface BenchOptions extends ModelOptions {
  tokens?: number;
  ops?: boolean;
  json?: boolean;
}

/** Tokens of a title, a sentence, a paragraph, a page. */
const LENGTHS = [8, 32, 128, 512];

export const command = modelOptions(new Command('bench').description('how fast a model is on this machine'))
  .option('--threads <n>', 'threads that compute (default: 1)', wholeNumber(1, MOST_THREADS))
  .option('--tokens <n>', `length of the sequence (default: ${LENGTHS.join(', ')}, or less)`, wholeNumber(1))
  .option('--ops', 'where the time goes, and how much of what its kernel can do the model gets')
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
One sequence at a time, of ids that a seed gives; medians over at least eleven passes and two seconds. A MAC is a
multiplication with its addition, those of linear layers and of attention counted.

With --ops there is a clock around each call of a kernel, which takes 0.3 µs; a call counts with its
median over the passes. The ceiling is what the kernel of the linear layers does on operands that stay in the first-level
cache, measured after each pass for as long. Of it, the forward pass reaches its MACs over all its time, from ids to
logits; the linear layers reach theirs over their own.

Examples:
  bertwasm bench
  bertwasm bench --model ./my-model --tokens 128 --ops
  bertwasm bench --simd base --json`,
  )
  .action(bench);

async function bench(options: BenchOptions): Promise<void> {
  const source = nodePlatform.resolveModel(options.model);
  const config = await loadConfig(source);
  const { positions, layers, dim } = config;
  if (options.tokens !== undefined && options.tokens > positions) {
    throw new UsageError(`--tokens: expected at most ${positions}, got ${options.tokens}`);
  }
  const lengths = options.tokens === undefined ? LENGTHS.map((n) => Math.min(n, positions)) : [options.tokens];
  const clock = options.ops ? new KernelClock() : undefined;
  const threads = options.threads ?? 1;
  if (clock && threads > 1)
    throw new UsageError(`--ops: expected one thread, whose calls the clock hears, got ${threads}`);
  const loading = { ...pipelineOptions(options), threads };
  const model = await Model.load(source, config, nodePlatform.kernels, loading, clock?.instantiate);
  const patience = performance.now() + 10_000;
  while (model.threads < threads) {
    if (performance.now() > patience) throw new DataError(`threads: expected ${threads}, got ${model.threads} in 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const timings: (Timing | OperationTiming)[] = [...new Set(lengths)].map((tokens) =>
    clock ? timeOperations(model, tokens, clock) : timePasses(model, tokens),
  );
  const { dtype, simd } = model;
  if (options.json) {
    return printJson({ model: source.name, dtype, simd, threads, node: process.versions.node, layers, dim, timings });
  }
  await print(
    `${source.name}: ${layers} layers of ${dim}, ${dtype}, ${simd} build, ${threads === 1 ? '1 thread' : `${threads} threads`}, Node ${process.versions.node}\n\n`,
  );
  await print(timingTable(timings));
  for (const timing of timings) if ('operations' in timing) await print(operationTable(timing));
}

function timingTable(timings: readonly Timing[]): string {
  return table([
    ['tokens', 'ms', 'tokens/s', 'GMAC/s'],
    ...timings.map(({ tokens, ms, tokens_per_second, gmac_per_second }) => [
      String(tokens),
      ms.toFixed(2),
      tokens_per_second.toFixed(0),
      gmac_per_second.toFixed(1),
    ]),
  ]);
}

function operationTable(timing: OperationTiming): string {
  const { tokens, operations, ceiling_gmac_per_second: ceiling, forward_share, linear_share } = timing;
  const rows = operations.map(({ operation, layer = '', calls, us, share, gmac_per_second, gb_per_second }) => [
    operation,
    layer,
    String(calls),
    us.toFixed(0),
    percent(share),
    gmac_per_second?.toFixed(1) ?? '',
    gb_per_second?.toFixed(1) ?? '',
  ]);
  const shares = [
    ['ceiling', `${ceiling.toFixed(1)} GMAC/s`],
    ['forward pass', `${percent(forward_share)} of it`],
    ['linear layers', `${percent(linear_share)} of it`],
  ];
  const header = [`${tokens} tokens`, 'layer', 'calls', 'µs', 'share', 'GMAC/s', 'GB/s'];
  return `\n${table([header, ...rows])}\n${table(shares)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
