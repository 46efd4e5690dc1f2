import { mkdir, readdir } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';
import { workspace } from './bertwasm.ts';

const { path, run, write } = workspace();

beforeAll(async () => {
  await writeFiles(path('q8'), await tinyOwnModel());
  await write(
    'rows.tsv',
    `text\tlabel\n${Array.from({ length: 20 }, (_, i) => `we saw ${i % 7}\t${i % 2 ? 'a' : 'b'}\n`).join('')}`,
  );
});

it('writes a directory that predict takes, to about the same result', async () => {
  const { stdout, stderr, code } = await run(['export', 'q8', '--out', 'exported', '--json']);
  expect(code, stderr).toBe(0);
  expect(Object.keys(JSON.parse(stdout).files)).toEqual([
    ...['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
    ...['onnx/model.onnx', 'onnx/model_quantized.onnx'],
  ]);
  const [floats, own] = await Promise.all(
    ['exported', 'q8'].map((model) => run(['predict', '--model', model, 'a good film'])),
  );
  expect(floats.stdout.split(/ +/)[0]).toBe(own.stdout.split(/ +/)[0]);
  expect(Number(floats.stdout.split(/ +/)[1])).toBeCloseTo(Number(own.stdout.split(/ +/)[1]), 2);
});

it('what is there is not touched, and nothing is left beside it', async () => {
  await mkdir(path('there'));
  await write('there/notes.txt', 'mine');
  const { stderr, code } = await run(['export', 'q8', '--out', 'there']);
  expect(stderr).toContain('there: expected a directory that does not exist yet, got an existing one');
  expect(code).toBe(2);
  expect((await run(['export', 'q8', '--out', 'q8'])).stderr).toContain(
    "--out: expected another directory than the model's",
  );
  expect(await readdir(path('there'))).toEqual(['notes.txt']);
  expect((await readdir(path())).filter((name) => name.includes('there'))).toEqual(['there']);
});

it('a head that transformers has not is refused', async () => {
  expect((await run(['train', 'rows.tsv', '--out', 'layers', '--model', 'q8', '--max-steps', '1'])).code).toBe(0);
  const { stderr, code } = await run(['export', 'layers', '--out', 'refused']);
  expect(stderr).toBe(
    "bertwasm: model: expected a head on the last hidden states (pooling cls), as transformers' DistilBERT has it, got layers\n",
  );
  expect(code).toBe(2);
  expect(await readdir(path())).not.toContain('refused');
});
