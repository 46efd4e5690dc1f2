import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipeline } from '../src/platform/node.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const scriptsOf = (path: string) => JSON.parse(read(path)).scripts;
const pages = [
  'README.md',
  'docs/architecture.md',
  'docs/numerics.md',
  'docs/training.md',
  'docs/fine-tuning.md',
  'docs/formats.md',
  'docs/edge.md',
  'docs/serve.md',
  'examples/browser/README.md',
  'examples/browser/tagger/README.md',
  'examples/cloudflare-worker/README.md',
  'examples/deno/README.md',
  'examples/bun/README.md',
  'examples/node-service/README.md',
  'models/sentiment/README.md',
  'models/minilm/README.md',
];

test.each(pages)('%s names verbs and pages that exist', (page) => {
  const text = read(page);
  const [example = ''] = /^examples\/[^/]+\//.exec(page) ?? [];
  // `npm start` and `npm test`, or any verb after `run`; in another package where it is named.
  const commands = text.matchAll(/npm (?:run )?(start\b|test\b|(?<=run )[\w:]+)(?:.* --workspace (\S+[\w-]))?/g);
  for (const [command, verb, workspace] of commands) {
    const scripts = workspace
      ? scriptsOf(`${workspace}/package.json`)
      : { ...scriptsOf('package.json'), ...scriptsOf(`${example}package.json`) };
    expect(scripts, command).toHaveProperty([verb]);
  }
  const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)\)/g), ([, link]) => link);
  for (const link of links) {
    expect(existsSync(new URL(link, new URL(`../${page}`, import.meta.url))), link).toBe(true);
  }
});

test('README shows what its first example gives', async () => {
  const [, text] = /await classify\('([^']+)'\)/.exec(read('README.md')) ?? [];
  const [, label, score] = /\{ label: '(\w+)', score: ([\d.]+) \}/.exec(read('README.md')) ?? [];
  const classify = await pipeline('text-classification');
  expect(await classify(text)).toEqual([{ label, score: Number(score) }]);
  await classify.dispose();
});
