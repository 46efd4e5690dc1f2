import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** No eval; what WASM needs has a word of its own. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

export interface PageServer extends AsyncDisposable {
  url: string;
}

/** Serves on loopback, under a strict policy: URL path to a file, as `fileOf` says. */
export async function servePage(fileOf: (path: string) => string): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    try {
      const file = fileOf(request.url as string);
      const bytes = await readFile(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
