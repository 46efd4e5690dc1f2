import { readFileSync } from 'node:fs';
import { reviewsFile, root, sentencesFile } from '../files.ts';

const { loadConfig, loadTokenizer } = (await import(`${root}dist/index.js`)) as typeof import('../../src/index.ts');
const { nodePlatform } = (await import(
  `${root}dist/platform/node-platform.js`
)) as typeof import('../../src/platform/node-platform.ts');

export interface Example {
  ids: Int32Array;
  label: number;
}

/** 872 sentences of SST-2 dev: 3 to 60 tokens or so. */
export function sentences(): Promise<Example[]> {
  const lines = linesOf(sentencesFile).slice(1);
  return encoded(
    lines.map((line) => {
      const [label, text] = line.split('\t');
      return { label: Number(label), text };
    }),
  );
}

/** 200 reviews of IMDb, cut at 512 tokens. */
export function reviews(): Promise<Example[]> {
  return encoded(linesOf(reviewsFile).map((line) => JSON.parse(line)));
}

/** Ids of the default model's tokenizer, which is that of all peers. */
async function encoded(rows: { label: number; text: string }[]): Promise<Example[]> {
  const source = nodePlatform.resolveModel();
  const tokenizer = await loadTokenizer(source, await loadConfig(source));
  return rows.map(({ label, text }) => ({ label, ids: tokenizer.encode(text).ids }));
}

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');
