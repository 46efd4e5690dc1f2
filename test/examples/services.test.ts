import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';

const TEXT = 'A quiet, moving film.';
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));

/** Starts an example by its own command, on a free port. */
async function start(name: string): Promise<{ url: string; stop(): Promise<number | null> }> {
  const child = spawn('npm', ['start', '--silent', '--', '0'], {
    cwd: example(name),
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // npm and what it runs are stopped together, by their group
  });
  const url = await listeningUrl(child);
  return {
    url,
    async stop() {
      const exit = once(child, 'exit');
      process.kill(-(child.pid as number), 'SIGTERM');
      const [code] = await exit;
      return code;
    },
  };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, url] = /Listening on (http:\S+)/.exec(said) ?? [];
        if (url) resolve(url);
      });
    }
    child.once('exit', () => reject(new Error(`expected it to listen, got its end: ${said}`)));
  });
}

const post = async (url: string, body: unknown): Promise<unknown> => {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  return response.json();
};

test.each(['deno', 'bun'])('%s labels as Node does', async (name) => {
  const service = await start(name);
  try {
    const classify = await pipeline('text-classification');
    expect(await post(new URL('predict', service.url).href, { inputs: TEXT })).toEqual(
      await classify(TEXT, { top_k: null }),
    );
  } finally {
    await service.stop();
  }
});

test('node-service ranks reviews, and says what it wants', async () => {
  const service = await start('node-service');
  try {
    const ranked = (await post(service.url, [TEXT, 'Never again.'])) as { review: string }[];
    expect(ranked.map(({ review }) => review)).toEqual(['Never again.', TEXT]);
    expect(await post(service.url, { a: 1 })).toEqual({ error: 'expected an array of reviews, got another value' });
    expect(await post(service.url, [5])).toEqual({ error: 'texts[0]: expected a string, got number' });
  } finally {
    await service.stop();
  }
});
