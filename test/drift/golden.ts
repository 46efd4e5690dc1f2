import { readFileSync } from 'node:fs';

export interface Text {
  source: 'vader' | 'wnut17' | 'own';
  text: string;
  /** Cut to 512, special tokens included. */
  ids: number[];
}

export interface GoldenText extends Text {
  logits: number[];
  /** [CLS] of the last layer [D]. */
  cls: Float32Array;
}

export interface Golden {
  versions: Record<string, string>;
  checkpoint: { name: string; sha256: string };
  accuracy: Record<string, { rows: number; accuracy: number }>;
  texts: GoldenText[];
}

const directory = new URL('../golden/drift/', import.meta.url);

export function readTexts(): Text[] {
  return JSON.parse(readFileSync(new URL('texts.json', directory), 'utf8'));
}

/** What transformers makes of the texts with the source of the default model, or with the shared checkpoint. */
export function readGolden(name: 'sentiment' | 'sst2-minilm'): Golden {
  const { dim: D, logits, ...rest } = JSON.parse(readFileSync(new URL(`${name}.json`, directory), 'utf8'));
  const cls = new Float32Array(new Uint8Array(readFileSync(new URL(`${name}.f32`, directory))).buffer);
  const texts = readTexts().map((text, i) => ({ ...text, logits: logits[i], cls: cls.subarray(i * D, (i + 1) * D) }));
  return { ...rest, texts };
}
