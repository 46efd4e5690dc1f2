import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));

const BESIDE = 'beside';

export interface Site {
  url: string;
  /** Another version of the page, in a folder of the first one's. */
  beside: string;
  /** Ends the server; may be called twice. */
  stop(): Promise<void>;
}

/** The page as `npm start` builds and serves it, in a folder and on a port of its own. */
export async function serveSite(): Promise<Site> {
  const outDir = `${tmpdir()}/bertwasm-page-${process.pid}`;
  const options = { root, logLevel: 'error', mode: 'production' } as const;
  await build({ ...options, build: { outDir, emptyOutDir: true } });
  await makeBeside(outDir);
  const server = await preview({ ...options, build: { outDir }, preview: { port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('expected a URL of the page, got none');
  return {
    url,
    beside: `${url}${BESIDE}/`,
    async stop() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

async function makeBeside(outDir: string): Promise<void> {
  const copy = `${outDir}-${BESIDE}`;
  await cp(outDir, copy, { recursive: true });
  const serviceWorker = `${copy}/service-worker.js`;
  const code = await readFile(serviceWorker, 'utf8');
  await writeFile(serviceWorker, code.replace(/[0-9a-f]{12}/, '0'.repeat(12)));
  await rename(copy, `${outDir}/${BESIDE}`);
}
