// npm run models:tagger
// Makes examples/browser/tagger: a head that names people, places and organisations on the encoder of models/sentiment, so that one
// encoder serves both. Of ../shared/data it learns tweets (the Broad Twitter Corpus, WNUT-17) and Wikipedia's prose (wikigold), all CC BY 4.0.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { bertwasm, root } from './run.ts';

const data = `${root}../shared/data`;
const work = `${root}build/tagger`;

/** What all three sets name, by any name; another type (a product, a song) is taken for no entity, as BTC takes it. */
const TYPES: Record<string, string> = {
  PER: 'person',
  person: 'person',
  LOC: 'place',
  location: 'place',
  ORG: 'organisation',
  corporation: 'organisation',
  group: 'organisation',
};
/** wikigold comes without a dev set: its last sentences are one. */
const HELD_OUT = 200;

const btc = sentences('btc/train.conll.gz');
const wnut = sentences('wnut17/train.conll');
const gold = sentences('wikigold/train.conll');
const dev = {
  btc: sentences('btc/dev.conll'),
  wnut17: sentences('wnut17/dev.conll'),
  wikigold: gold.splice(-HELD_OUT),
};

mkdirSync(work, { recursive: true });
write('train', [...btc, ...wnut, ...gold]);
write('dev', [...dev.btc, ...dev.wnut17]);
bertwasm(
  ...['train', `${work}/train.conll`, '--validation-file', `${work}/dev.conll`],
  ...['--model', `${root}models/sentiment`, '--out', `${work}/run`, '--resume'],
);
for (const [name, rows] of Object.entries(dev)) {
  write(`dev-${name}`, rows);
  bertwasm('eval', `${work}/dev-${name}.conll`, '--model', `${work}/run`);
}
copyFileSync(`${work}/run/head.safetensors`, `${root}examples/browser/tagger/head.safetensors`);

function sentences(file: string): string[] {
  const bytes = readFileSync(`${data}/${file}`);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text.trimEnd().split('\n\n').map(plain);
}

/** A sentence, a line `word<TAB>tag` each, with the types' plain names. */
function plain(sentence: string): string {
  return sentence.replaceAll(/\t([BI])-(.+)$/gm, (_, prefix, type) =>
    type in TYPES ? `\t${prefix}-${TYPES[type]}` : '\tO',
  );
}

function write(name: string, rows: readonly string[]): void {
  writeFileSync(`${work}/${name}.conll`, rows.map((row) => `${row}\n\n`).join(''));
}
