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
    ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'],
    ...['onnx/model.onnx', 'onnx/model_quantized.onnx'],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ out: 'exported', dequantized: true, not_for_transformers: null });
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

it('a model of floats is written as it is', async () => {
  const { stdout, stderr, code } = await run(['export', '--model', 'hf', '--out', 'floats']);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toMatch(/^model\.safetensors +\d+ bytes$/m);
  const args = (model: string) => ['predict', '--model', model, '--json', 'a good film'];
  expect((await run(args('floats'))).stdout).toBe((await run(args('hf'))).stdout);
});

it('says that weights were quantised', async () => {
  expect((await run(['export', 'q8', '--out', 'told'])).stderr).toBe(
    'the model is quantised: the weights are what its integers mean\n',
  );
});

it.each(['q8/exported', 'q8/a/b', './q8/../q8/c'])('nothing is written into the model (%s)', async (out) => {
  const before = await readdir(path('q8'));
  const { stderr, code } = await run(['export', 'q8', '--out', out]);
  expect(stderr).toBe(`bertwasm: --out: expected a directory outside the model's, got ${out}\n`);
  expect(code).toBe(2);
  expect(await readdir(path('q8'))).toEqual(before);
});

it('nothing is left of a model that is cut off', async () => {
  const files = await tinyOwnModel();
  await writeFiles(path('cut'), { ...files, 'encoder.safetensors': files['encoder.safetensors'].slice(0, -9) });
  expect((await run(['export', 'cut', '--out', 'of-cut'])).code).toBe(1);
  expect((await readdir(path())).filter((name) => name.includes('of-cut'))).toEqual([]);
});

it('what a killed export left goes with the next', async () => {
  await mkdir(path('.again-1073741823-1-0123abcd/onnx'), { recursive: true });
  expect((await run(['export', 'q8', '--out', 'again'])).code).toBe(0);
  expect((await readdir(path())).filter((name) => name.includes('again'))).toEqual(['again']);
});

it('of a head that transformers has not, what transformers.js needs', async () => {
  expect((await run(['train', 'rows.tsv', '--out', 'layers', '--model', 'q8', '--max-steps', '1'])).code).toBe(0);
  const { stdout, stderr, code } = await run(['export', 'layers', '--out', 'for-js']);
  expect(code).toBe(0);
  expect(stderr).toContain(
    "for transformers.js alone, without model.safetensors: expected a head on the last hidden states (pooling cls), as transformers' DistilBERT has it, got layers\n",
  );
  expect(stdout).not.toContain('model.safetensors');
  expect((await readdir(path('for-js'))).sort()).toEqual([
    ...['config.json', 'onnx', 'tokenizer.json', 'tokenizer_config.json'],
  ]);
  expect((await readdir(path('for-js/onnx'))).sort()).toEqual(['model.onnx', 'model_quantized.onnx']);
});
