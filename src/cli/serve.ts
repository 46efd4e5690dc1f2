import { once } from 'node:events';
import { Command, Option } from 'commander';
import { loadConfig } from '../model/config.ts';
import { pipeline } from '../platform/node.ts';
import { DEFAULT_MODEL } from '../platform/node-models.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { listen } from '../platform/node-server.ts';
import { createHandler } from '../serve/handler.ts';
import { DEFAULT_LIMITS, type Limits, MOST_SECONDS, type RequestLog } from '../serve/options.ts';
import { AGGREGATION_STRATEGIES, type AggregationStrategy } from '../tasks/aggregation.ts';
import { type ModelOptions, modelOptions, pipelineOptions, threadsOption, wholeNumber } from './options.ts';
import { printable } from './output.ts';

interface ServeOptions extends ModelOptions, Limits {
  host: string;
  port: number;
  maxLength?: number;
  aggregationStrategy?: AggregationStrategy;
  log?: boolean;
  json?: boolean;
}

const limit = wholeNumber(1, 2 ** 31 - 1);
const seconds = wholeNumber(1, MOST_SECONDS);

export const command = threadsOption(
  modelOptions(
    new Command('serve').description("answers HTTP requests, as Text Embeddings Inference's /predict and /embed do"),
  ),
)
  .option('--host <address>', 'address to listen at', '127.0.0.1')
  .option('--port <n>', 'port to listen at; 0 takes a free one', wholeNumber(0, 65_535), 8080)
  .option('--max-length <tokens>', 'tokens of a text (default: as many as the model takes)', wholeNumber(3))
  .addOption(
    new Option('--aggregation-strategy <name>', 'from labels of tokens to entities (default: first)').choices(
      AGGREGATION_STRATEGIES,
    ),
  )
  .option('--max-body-bytes <n>', 'bytes of a body', limit, DEFAULT_LIMITS.maxBodyBytes)
  .option('--max-client-batch-size <n>', 'texts of a request', limit, DEFAULT_LIMITS.maxClientBatchSize)
  .option('--max-batch-tokens <n>', 'tokens to compute at a time', limit, DEFAULT_LIMITS.maxBatchTokens)
  .option('--max-queue-tokens <n>', 'tokens that may wait', limit, DEFAULT_LIMITS.maxQueueTokens)
  .option('--max-concurrent-requests <n>', 'requests under way', limit, DEFAULT_LIMITS.maxConcurrentRequests)
  .option('--body-timeout <s>', 'seconds for a request to come', seconds, DEFAULT_LIMITS.bodyTimeout)
  .option('--queue-timeout <s>', 'seconds for a text to wait', seconds, DEFAULT_LIMITS.queueTimeout)
  .option('--log', 'a line of JSON for each request, on stderr')
  .option('--json', 'tell that it is ready as one JSON document, on stdout')
  .addHelpText(
    'after',
    `
POST /predict, POST /embed, GET /health, /info, /metrics, /openapi.json. SIGTERM and Ctrl-C end it when what it has taken is answered,
a second one at once.

Examples:
  bertwasm serve --model ./my-model --port 8080
  curl localhost:8080/predict -H 'content-type: application/json' -d '{"inputs": "A quiet, moving film."}'`,
  )
  .action(serve);

async function serve(options: ServeOptions): Promise<void> {
  const { head } = await loadConfig(nodePlatform.resolveModel(options.model));
  const task = (
    { sequence: 'text-classification', token: 'token-classification', none: 'feature-extraction' } as const
  )[head];
  const handler = createHandler(await pipeline(task, options.model ?? DEFAULT_MODEL, pipelineOptions(options)), {
    ...limitsOf(options),
    modelId: options.model ?? DEFAULT_MODEL,
    maxInputLength: options.maxLength,
    aggregationStrategy: options.aggregationStrategy,
    log: options.log ? writeLog : undefined,
  });
  const server = await listen(handler, {
    host: options.host,
    port: options.port,
    headersTimeout: options.bodyTimeout * 1000,
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
  else process.stderr.write(`bertwasm: ready at ${printable(server.url)}\n`);
  await firstSignal();
  await server.close();
}

function limitsOf(options: Limits): Partial<Limits> {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** SIGTERM or SIGINT. A second one ends the process at once, which it would not do of itself in a container, of process 1. */
async function firstSignal(): Promise<void> {
  const signals = { SIGTERM: 15, SIGINT: 2 };
  await Promise.race(Object.keys(signals).map((name) => once(process, name)));
  for (const [name, number] of Object.entries(signals)) process.once(name, () => process.exit(128 + number));
}

function writeLog(entry: RequestLog): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}
