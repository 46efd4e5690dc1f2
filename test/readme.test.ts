import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipeline } from '../src/platform/node.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { scripts } = JSON.parse(read('package.json'));
const pages = [
  'README.md',
  'docs/architecture.md',
  'docs/numerics.md',
  'docs/training.md',
  'docs/fine-tuning.md',
  'docs/formats.md',
  'docs/edge.md',
  'docs/serve.md',
  'models/sentiment/README.md',
  'models/minilm/README.md',
];

test.each(pages)('%s names verbs and pages that exist', (page) => {
  const text = read(page);
  const verbs = Array.from(text.matchAll(/npm (?:run )?(test\b|(?<=run )[\w:]+)/g), ([, verb]) => verb);
  for (const verb of verbs) expect(scripts, verb).toHaveProperty([verb]);
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
