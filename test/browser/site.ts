import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));

export interface Site {
  url: string;
  /** Ends the server; may be called twice. */
  stop(): Promise<void>;
}

/** The page as `npm start` builds and serves it, in a folder and on a port of its own. */
export async function serveSite(): Promise<Site> {
  const outDir = `${tmpdir()}/bertwasm-page-${process.pid}`;
  const options = { root, logLevel: 'error', mode: 'production' } as const;
  await build({ ...options, build: { outDir, emptyOutDir: true } });
  const server = await preview({ ...options, build: { outDir }, preview: { port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('expected a URL of the page, got none');
  return {
    url,
    async stop() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
