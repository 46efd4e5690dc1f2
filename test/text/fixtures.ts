import { readFileSync } from 'node:fs';

/** Parsed JSON of a file of this repository, named from its root. */
// biome-ignore lint/suspicious/noExplicitAny: tests change and break these on purpose
export function readJson(path: string): any {
  return JSON.parse(readText(path));
}

export function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The default model's tokenizer.json, a fresh copy each time. */
export const uncasedJson = () => readJson('models/sentiment/tokenizer.json');

/** A small tokenizer.json to break. */
export function tinyJson() {
  const special = (id: number, content: string) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    ...uncasedJson(),
    truncation: null,
    added_tokens: [special(0, '[UNK]'), special(1, '[CLS]'), special(2, '[SEP]')],
    post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, a: 3, '##a': 4, b: 5, '##b': 6, film: 7, '##s': 8 } as Record<
        string,
        unknown
      >,
    },
  };
}
