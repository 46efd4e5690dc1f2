import { readFileSync } from 'node:fs';

export interface GoldenText {
  source: 'vader' | 'wnut17' | 'own';
  text: string;
  /** Cut to 512, special tokens included. */
  ids: number[];
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

export function readGolden(): Golden {
  const { dim: D, texts, ...rest } = JSON.parse(readFileSync(new URL('golden.json', directory), 'utf8'));
  const bytes = new Uint8Array(readFileSync(new URL('cls.f32', directory)));
  const cls = new Float32Array(bytes.buffer);
  return {
    ...rest,
    texts: texts.map((text: Omit<GoldenText, 'cls'>, i: number) => ({
      ...text,
      cls: cls.subarray(i * D, (i + 1) * D),
    })),
  };
}
