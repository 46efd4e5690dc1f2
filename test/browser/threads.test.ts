import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableChromium } from './available-chromium.ts';
import { visit } from './visit.ts';

/* Threads in a page of one's own, as Vite bundles it: in the page itself, whose main thread must not sleep, and in a worker. */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const TEXTS = ['A quiet, moving film.', `${'Again and again, '.repeat(80)}please not.`, 'Fine.'];

const CLASSIFY = `import { pipeline } from 'bertwasm';
export async function classify(threads, texts) {
  const pipe = await pipeline('text-classification', new URL('/model', location.href), { threads });
  while (pipe.model.threads < threads) await new Promise((resolve) => setTimeout(resolve, 5));
  const labels = await pipe(texts, { top_k: null });
  await pipe.dispose();
  return JSON.stringify(labels);
}`;
const WORKER = `import { classify } from './classify.js';
addEventListener('message', async ({ data }) => postMessage(await classify(...data).catch(String)));`;
const PAGE = `import { classify } from './classify.js';
globalThis.inPage = classify;
globalThis.inWorker = (...call) => new Promise((resolve) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => resolve(data));
  worker.postMessage(call);
});`;

const program = availableChromium('threads of a page are');

describe.skipIf(!program)('threads of a page', () => {
  let directory: string;
  let browser: Browser;
  const servers: PreviewServer[] = [];

  beforeAll(async () => {
    await mkdir(`${repository}build`, { recursive: true });
    // In the repository, so that the package is found by its name.
    directory = await mkdtemp(`${repository}build/threads-`);
    await cp(`${repository}models/sentiment`, `${directory}/public/model`, { recursive: true });
    await writeFile(`${directory}/index.html`, '<title>Threads</title><script type="module" src="page.js"></script>');
    const scripts = { page: PAGE, worker: WORKER, classify: CLASSIFY };
    for (const [name, script] of Object.entries(scripts)) await writeFile(`${directory}/${name}.js`, script);
    await build({ root: directory, logLevel: 'error', worker: { format: 'es' } });
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const server of servers) await server.close();
    if (directory) await rm(directory, { recursive: true });
  });

  async function serve(headers: Record<string, string>): Promise<string> {
    const server = await preview({ root: directory, logLevel: 'error', preview: { port: 0, headers } });
    servers.push(server);
    return server.resolvedUrls?.local[0] as string;
  }

  type Call = (threads: number, texts: readonly string[]) => Promise<string>;
  const call = async (url: string, where: 'inPage' | 'inWorker', threads: number) => {
    const { page, faults, close } = await visit(browser, url, { ready: false });
    await page.goto(url);
    const result = await page.evaluate(
      ([name, count, texts]) => (globalThis as unknown as Record<string, Call>)[name](count, texts).catch(String),
      [where, threads, TEXTS] as const,
    );
    await close();
    return { result, faults };
  };

  it('the same bits in the page and in a worker, by one and by three', { timeout: 60_000 }, async () => {
    const url = await serve(ISOLATED);
    const { result } = await call(url, 'inPage', 1);
    expect(JSON.parse(result)).toHaveLength(TEXTS.length);
    expect(await call(url, 'inPage', 3)).toEqual({ result, faults: [] });
    expect(await call(url, 'inWorker', 3)).toEqual({ result, faults: [] });
  });

  it('an error where the page is not isolated', { timeout: 60_000 }, async () => {
    const { result } = await call(await serve({}), 'inPage', 2);
    expect(result).toBe(
      'UsageError: threads: expected 1 where memory is not shared (a page must be cross-origin isolated), got 2',
    );
  });
});
