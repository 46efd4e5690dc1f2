import { pipeline } from 'bertwasm';
import { createHandler } from 'bertwasm/serve';

const handler = createHandler(await pipeline('text-classification'));
const server = Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0] ?? 8000) }, handler);

// What was taken is answered first.
Deno.addSignalListener('SIGTERM', async () => {
  await handler.close();
  await server.shutdown();
  Deno.exit();
});
