import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { tinyModel, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';
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
  expect(stdout.match(/ passed$/gm)).toHaveLength(7);
  expect(stdout).toContain('The q8 paths have the same bits throughout.');
  expect(await readFile(path('check.html'), 'utf8')).toContain('3 texts of dev.csv');
});

it('a model of floats is quantised first; --json is one document', async () => {
  const { stdout, code } = await run([
    'check',
    '--model',
    'floats',
    '--data',
    'texts.txt',
    '--unlabelled',
    '--steps',
    '3',
    '--json',
  ]);
  expect(code).toBe(0);
  const { passed, gates, head, drift } = JSON.parse(stdout);
  expect(passed).toBe(true);
  expect(gates.map(({ check }: { check: string }) => check).join('')).toBe('aabccde');
  expect(head.losses).toHaveLength(3);
  expect(drift.accuracy).toBeUndefined();
});

it('a broken gate is told with its figure, and the exit code is 1', async () => {
  const { stdout, stderr, code } = await run(['check', 'q8', '--source', 'others', '--steps', '2']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/cosine of \[CLS\], mean +\d\.\d+ +at least 0\.9996 +broken/);
  expect(stderr).toMatch(
    /^bertwasm: \(c\) q8 against fp32, cosine of \[CLS\], mean: expected at least 0\.9996, got -?\d/,
  );
});

it.each([
  [['q8', '--model', 'q8'], 'check: expected one model, got an argument and --model', 2],
  [['floats', '--source', 'q8'], '--source: expected none with a model of floats, got one', 2],
  [
    ['q8', '--source', 'q8'],
    '--source: expected a checkpoint of floats, D = 32 and 2 layers, got a quantised model',
    2,
  ],
  [['q8', '--data', 'nope.csv'], 'nope.csv: expected a readable file, got ENOENT', 1],
  [['q8', '--report', 'check.txt'], 'Expected the name of an .html file', 2],
  [
    ['q8', '--report', 'no/such/check.html', '--steps', '1'],
    'no/such/check.html: expected a directory that can be written, got ENOENT',
    1,
  ],
])('%j is refused', async (args, told, expected) => {
  const { stderr, code } = await run(['check', ...args]);
  expect(stderr).toContain(told);
  expect(code).toBe(expected);
});
