// npm run bench:edge [-- --json]
// Cold start and memory in workerd, beside onnxruntime-web with the one patch that it needs there. WASM memory is limited to 96 MiB, for
// an engine that does not start under that limit to the 4 GiB of WASM. Each start is a process of its own, in turn; medians.
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
const bertwasm = (model: string) => (flags: string[]) => measureStart(worker('bertwasm'), model, TEXT, flags);
const ortWeb = (onnx: string) => (flags: string[]) =>
  measureStart(worker('ort-web'), ortDirectory(onnx), JSON.stringify(IDS), flags);

/** A directory that has the file under the name that the worker asks for. */
function ortDirectory(onnx: string): string {
  const directory = `${root}build/bench/edge-${onnx.replace(/^.*\//, '').replace('.onnx', '')}`;
  const file = `${directory}/model.onnx`;
  if (!existsSync(file)) cpSync(onnx, file);
  return directory;
}

const CASES: { model: string; engine: string; measure: (flags: string[]) => Promise<Start> }[] = [
  { model: 'default model', engine: 'bertwasm', measure: bertwasm(`${root}models/sentiment`) },
  { model: 'default model', engine: 'onnxruntime-web', measure: ortWeb(models.sst2.onnx) },
  { model: 'DistilBERT-base', engine: 'bertwasm', measure: bertwasm(models.base.own) },
  { model: 'DistilBERT-base', engine: 'onnxruntime-web', measure: ortWeb(models.base.onnx) },
];

/** 4 GiB. */
const UNLIMITED = ['--wasm-max-mem-pages=65536'];

/** The flags under which it starts: none where 96 MiB are enough. */
async function flagsOf(measure: (flags: string[]) => Promise<Start>): Promise<string[]> {
  try {
    await measure([]);
    return [];
  } catch {
    return UNLIMITED;
  }
}

const flags: string[][] = [];
for (const { measure } of CASES) flags.push(await flagsOf(measure));
const starts: Start[][] = CASES.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, { measure }] of CASES.entries()) starts[i].push(await measure(flags[i]));
}
const rows = CASES.map(({ model, engine }, i) => {
  const figure = (name: keyof Start) => median(starts[i].map((start) => start[name]));
  const [first, tenth, before, after, peak] = (['first', 'tenth', 'before', 'after', 'peak'] as const).map(figure);
  return { model, engine, fits: flags[i] !== UNLIMITED, first, tenth, before, after, peak };
});

if (options.json) console.log(JSON.stringify({ rounds: ROUNDS, rows }, null, 2));
else {
  console.log('| model | engine | in 96 MiB | first request | tenth | RSS before | after ten | peak |');
  console.log('|---|---|---|---:|---:|---:|---:|---:|');
  for (const { model, engine, fits, first, tenth, before, after, peak } of rows) {
    const times = [first, tenth].map((ms) => `${ms.toFixed(0)} ms`);
    const sizes = [before, after, peak].map((MB) => `${MB.toFixed(0)} MB`);
    console.log(`| ${[model, engine, fits ? 'yes' : 'no', ...times, ...sizes].join(' | ')} |`);
  }
}
