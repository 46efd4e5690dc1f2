import type { Encoding, Window } from './encoding.ts';

/** Special tokens that stand together, in most files one. */
export interface SpecialTokens {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** A place in a template: special tokens, or text 0 or 1. */
export type TemplatePart = (SpecialTokens | { readonly sequence: 0 | 1 }) & { readonly typeId: number };

export type Template = readonly TemplatePart[];

/** Number of special tokens that a template adds. */
export function addedBy(template: Template): number {
  return template.reduce((n, part) => n + ('ids' in part ? part.ids.length : 0), 0);
}

/** Puts the windows of one or two texts, each used once, into the template (TemplateProcessing of `tokenizers`). */
export function fill(
  template: Template,
  windows: readonly Window[],
  truncated: boolean,
  overflowing: Encoding[],
): Encoding {
  const length = windows.reduce((n, { from, to }) => n + to - from, addedBy(template));
  const ids = new Int32Array(length);
  const typeIds = new Uint8Array(length);
  const offsets = new Uint32Array(2 * length);
  const specialTokensMask = new Uint8Array(length);
  const tokens: string[] = [];
  const wordIds: (number | null)[] = [];
  const sequenceIds: (number | null)[] = [];
  for (const part of template) {
    const at = tokens.length;
    if ('ids' in part) {
      ids.set(part.ids, at);
      for (const token of part.tokens) {
        tokens.push(token);
        wordIds.push(null);
        sequenceIds.push(null);
      }
      specialTokensMask.fill(1, at, tokens.length);
    } else {
      const { pieces, from, to } = windows[part.sequence];
      for (let i = from, k = at; i < to; i++, k++) {
        ids[k] = pieces.ids[i];
        offsets[2 * k] = pieces.starts[i];
        offsets[2 * k + 1] = pieces.ends[i];
        tokens.push(pieces.tokens[i]);
        wordIds.push(pieces.words[i]);
        sequenceIds.push(part.sequence);
      }
    }
    typeIds.fill(part.typeId, at, tokens.length);
  }
  return { ids, typeIds, tokens, offsets, specialTokensMask, wordIds, sequenceIds, truncated, overflowing };
}

/** `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`. */
export function bertTemplates(cls: SpecialTokens, sep: SpecialTokens): [Template, Template] {
  const single: Template = [
    { ...cls, typeId: 0 },
    { sequence: 0, typeId: 0 },
    { ...sep, typeId: 0 },
  ];
  return [single, [...single, { sequence: 1, typeId: 1 }, { ...sep, typeId: 1 }]];
}
