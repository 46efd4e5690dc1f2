// npm run bench:edge [-- --json]
// Cold start and memory in workerd, beside onnxruntime-web with the one patch that it needs there. Each start is a process of its own, in
// turn; medians.
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeModels, models, root } from '../files.ts';
import { median } from '../statistics.ts';
import { measureStart, type Start } from './start.ts';

const ROUNDS = 5;
const TEXT = 'a quiet, moving film.';
/** The same, as the tokenizer gives it. */
const IDS = [101, 1037, 4251, 1010, 3048, 2143, 1012, 102];

const { values: options } = parseArgs({ options: { json: { type: 'boolean' } } });
makeModels();

const worker = (name: string) => fileURLToPath(new URL(`workers/${name}.mjs`, import.meta.url));
const bertwasm = (model: string) => () => measureStart(worker('bertwasm'), model, TEXT);
const ortWeb = (onnx: string) => () => measureStart(worker('ort-web'), ortDirectory(onnx), JSON.stringify(IDS));

/** A directory that has the file under the name that the worker asks for. */
function ortDirectory(onnx: string): string {
  const directory = `${root}build/bench/edge-${onnx.replace(/^.*\//, '').replace('.onnx', '')}`;
  const file = `${directory}/model.onnx`;
  if (!existsSync(file)) cpSync(onnx, file);
  return directory;
}

const CASES: { model: string; engine: string; measure: () => Promise<Start> }[] = [
  { model: 'default model', engine: 'bertwasm', measure: bertwasm(`${root}models/sentiment`) },
  { model: 'default model', engine: 'onnxruntime-web', measure: ortWeb(models.sst2.onnx) },
  { model: 'DistilBERT-base', engine: 'bertwasm', measure: bertwasm(models.base.own) },
  { model: 'DistilBERT-base', engine: 'onnxruntime-web', measure: ortWeb(models.base.onnx) },
];

const starts: Start[][] = CASES.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, { measure }] of CASES.entries()) starts[i].push(await measure());
}
const rows = CASES.map(({ model, engine }, i) => {
  const figure = (name: keyof Start) => median(starts[i].map((start) => start[name]));
  const [first, tenth, before, after, peak] = (['first', 'tenth', 'before', 'after', 'peak'] as const).map(figure);
  return { model, engine, first, tenth, before, after, peak };
});

if (options.json) console.log(JSON.stringify({ rounds: ROUNDS, rows }, null, 2));
else {
  console.log(
    '| model | engine | first request | tenth | RSS before | after ten | peak |\n|---|---|---:|---:|---:|---:|---:|',
  );
  for (const { model, engine, first, tenth, before, after, peak } of rows) {
    const times = [first, tenth].map((ms) => `${ms.toFixed(0)} ms`);
    const sizes = [before, after, peak].map((MB) => `${MB.toFixed(0)} MB`);
    console.log(`| ${[model, engine, ...times, ...sizes].join(' | ')} |`);
  }
}
