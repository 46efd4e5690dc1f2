import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { json, tinyModel, tinyOwnModel, utf8, writeFiles } from '../fixtures/tiny-model.ts';
import { workspace } from './bertwasm.ts';

const { path, run, write } = workspace();

beforeAll(async () => {
  await writeFiles(path('q8'), await tinyOwnModel());
  await writeFiles(path('floats'), tinyModel());
  await writeFiles(path('others'), tinyModel('sequence', 2));
  await write('dev.csv', 'text,label\na good film,POSITIVE\nbad,NEGATIVE\na dull story,NEGATIVE\n');
  await write('texts.txt', 'a good film\nbad\n');
});

it('a sound model passes, and the report is written whole', async () => {
  const { stdout, stderr, code } = await run([
    'check',
    'q8',
    '--source',
    'floats',
    '--data',
    'dev.csv',
    '--report',
    'check.html',
    '--steps',
    '5',
  ]);
  expect(code, stderr).toBe(0);
  expect(stdout.match(/^\([a-e]\) .* passed$/gm)).toHaveLength(8);
  expect(stdout).toContain('(a) the same bits throughout; (c) least cosine ');
  expect(await readFile(path('check.html'), 'utf8')).toContain('3 texts of dev.csv');
});

it('a model of floats is quantised first; --json is one document', async () => {
  const { stdout, code } = await run(['check', '--model', 'floats', '--data', 'texts.txt', '--steps', '3', '--json']);
  expect(code).toBe(0);
  const { passed, gates, head, drift } = JSON.parse(stdout);
  expect(passed).toBe(true);
  expect(gates.map(({ check }: { check: string }) => check).join('')).toBe('aabccdee');
  expect(head.losses).toHaveLength(3);
  expect(drift.accuracy).toBeUndefined();
});

it('the default model passes', async () => {
  const model = fileURLToPath(new URL('../../models/sentiment', import.meta.url));
  const args = ['--data', 'texts.txt', '--steps', '5', '--json'];
  const { stdout, stderr, code } = await run(['check', '--model', model, ...args]);
  expect(code, stderr).toBe(0);
  const { passed, q8, drift } = JSON.parse(stdout);
  expect(passed).toBe(true);
  expect(q8.places).toHaveLength(8);
  for (const place of q8.places) expect(place).toMatchObject({ largest: 0, sameBits: true });
  expect(drift.cosine.mean).toBeGreaterThan(0.9996);
});

it("a model with another epsilon than DistilBERT's passes, and is not held against floats of another", async () => {
  const files = await tinyOwnModel();
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  await writeFiles(path('epsilon'), { ...files, 'config.json': json({ ...config, layer_norm_eps: 1e-3 }) });
  const { stdout, stderr, code } = await run(['check', 'epsilon', '--steps', '2']);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('(a) the same bits throughout');
  expect(await run(['check', 'epsilon', '--source', 'floats'])).toMatchObject({
    stderr: 'bertwasm: --source: expected a checkpoint of layerNormEps 0.001, got one of 1e-12\n',
    code: 2,
  });
});

it.each([
  ['check', 'beyond'],
  ['quantize', 'beyond', '--out', 'new'],
  ['export', 'beyond', '--out', 'new'],
  ['train', 'dev.csv', '--full', '--model', 'beyond', '--out', 'new'],
])('a tokenizer of more ids than the model has: %s', async (...args) => {
  const files = tinyModel();
  const vocabulary = new TextDecoder().decode(files['vocab.txt']);
  const more = Array.from({ length: 999 }, (_, i) => `more${i}\n`).join('');
  await writeFiles(path('beyond'), { ...files, 'vocab.txt': utf8(`${vocabulary.trimEnd()}\n${more}`) });
  const { stderr, code } = await run(args);
  expect(stderr).toMatch(/beyond: expected a tokenizer of at most \d+ ids \(vocab_size\), got \d+\n$/);
  expect(code).toBe(1);
});

it('labels of another kind than the model has are refused', async () => {
  await write('several.jsonl', '{"text": "a good film", "label": ["POSITIVE"]}\n');
  const { stderr, code } = await run(['check', 'q8', '--data', 'several.jsonl']);
  expect(code).toBe(1);
  expect(stderr).toBe('bertwasm: several.jsonl:1: expected one label, got ["POSITIVE"]\n');
});

it('a broken gate is told with its figure, and the exit code is 1', async () => {
  const { stdout, stderr, code } = await run(['check', 'q8', '--source', 'others', '--steps', '2']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/cosine of \[CLS\], mean +\d\.\d+ +at least 0\.9996 +broken/);
  expect(stderr).toMatch(
    /^bertwasm: \(c\) q8 against fp32, cosine of \[CLS\], mean: expected at least 0\.9996, got -?\d.*, at text \d+, hidden:0\n$/,
  );
});

it.each([
  [['q8', '--model', 'q8'], 'check: expected one model, got an argument and --model', 2],
  [['floats', '--source', 'q8'], '--source: expected none with a model of floats, got one', 2],
  [['q8', '--source', 'q8'], '--source: expected a checkpoint of floats, got a quantised model', 2],
  [['q8', '--unlabelled'], '--unlabelled: expected --data beside it, got none', 2],
  [['q8', '--max-samples', '5'], '--max-samples: expected --data beside it, got none', 2],
  [['q8', '--data', 'bad.tsv'], 'bad.tsv:2: expected 2 fields, got 1\n', 1],
  [['q8', '--data', 'nope.csv'], 'nope.csv: expected a readable file, got ENOENT', 1],
  [['q8', '--report', 'check.txt'], 'Expected the name of an .html file', 2],
  [
    ['q8', '--report', 'no/such/check.html', '--steps', '1'],
    'no/such/check.html: expected a directory that can be written, got ENOENT',
    1,
  ],
])('%j is refused', async (args, told, expected) => {
  await write('bad.tsv', 'text\tlabel\nshort\n');
  const { stderr, code } = await run(['check', ...args]);
  expect(stderr).toContain(told);
  expect(code).toBe(expected);
});
