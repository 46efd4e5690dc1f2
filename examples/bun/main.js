import { pipeline } from 'bertwasm';
import { createHandler } from 'bertwasm/serve';

const handler = createHandler(await pipeline('text-classification'));
const server = Bun.serve({ hostname: '127.0.0.1', port: Number(process.argv[2] ?? 3000), fetch: handler });
console.log(`Listening on ${server.url}`);

// What was taken is answered first.
process.once('SIGTERM', async () => {
  await handler.close();
  await server.stop();
  process.exit();
});
