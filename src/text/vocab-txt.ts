import { isObject, show } from '../model/json.ts';
import type { AddedToken } from './added-tokens.ts';
import { array, boolean, fault, integer, type Json, object, string } from './check.ts';
import type { TokenizerParts } from './parts.ts';
import { bertTemplates } from './template.ts';
import { modelMaxLength, parseAddedToken } from './tokenizer-json.ts';
import { flagsOf, WHITE } from './unicode.ts';
import { VOCABULARY_LIMIT, Vocabulary } from './vocabulary.ts';

const CONFIG = 'tokenizer_config.json';

/**
 * Reads a vocab.txt (one token a line, the line's number its id) with tokenizer_config.json's settings, as BERT's
 * tokenizer in transformers does. `never_split` tokens become added tokens that stand for whole words.
 */
export function parseVocabTxt(vocabTxt: string, config: unknown, file: string): TokenizerParts {
  const vocabulary = parseLines(vocabTxt, file);
  const settings = config === undefined || config === null ? {} : object(config, CONFIG);
  if (settings.do_basic_tokenize === false) throw fault(`${CONFIG} do_basic_tokenize`, 'true', false);

  const added = new Map<string, AddedToken>();
  const add = (token: AddedToken) => added.has(token.content) || added.set(token.content, token);
  for (const [key, entry] of Object.entries(
    object(settings.added_tokens_decoder ?? {}, `${CONFIG} added_tokens_decoder`),
  )) {
    const where = `${CONFIG} added_tokens_decoder[${show(key)}]`;
    add(parseAddedToken(object(entry, where), integer(Number(key), where, 0, VOCABULARY_LIMIT - 1), where));
  }
  const known = (content: string, where: string) => added.get(content)?.id ?? vocabulary.need(content, where);

  const names: Record<string, string> = {};
  for (const role of ['unk', 'sep', 'pad', 'cls', 'mask'] as const) {
    const key = `${role}_token`;
    names[role] = tokenName(settings[key] ?? `[${role.toUpperCase()}]`, `${CONFIG} ${key}`);
    // Nothing here pads or masks, so a vocabulary may do without these two.
    if ((role === 'pad' || role === 'mask') && !vocabulary.ids.has(names[role])) continue;
    add(specialToken(names[role], known(names[role], `${file} ${key}`)));
  }
  for (const entry of array(settings.additional_special_tokens ?? [], `${CONFIG} additional_special_tokens`)) {
    const name = tokenName(entry, `${CONFIG} additional_special_tokens`);
    add(specialToken(name, known(name, `${CONFIG} additional_special_tokens`)));
  }
  for (const entry of array(settings.never_split ?? [], `${CONFIG} never_split`)) {
    const name = string(entry, `${CONFIG} never_split`);
    add({ ...specialToken(name, known(name, `${CONFIG} never_split`)), special: false, singleWord: true });
  }

  const place = (name: string) => ({ ids: [known(name, file)], tokens: [name] });
  const [single, pair] = bertTemplates(place(names.cls), place(names.sep));
  const strip = settings.strip_accents ?? null;
  return {
    vocabulary,
    wordPiece: { unkToken: names.unk, prefix: '##', maxInputChars: 100 },
    normalizer: {
      cleanText: true,
      handleChineseChars: boolean(settings.tokenize_chinese_chars, `${CONFIG} tokenize_chinese_chars`, true),
      stripAccents: strip === null ? null : boolean(strip, `${CONFIG} strip_accents`, true),
      lowercase: boolean(settings.do_lower_case, `${CONFIG} do_lower_case`, true),
    },
    added: [...added.values()],
    single,
    pair,
    modelMaxLength: modelMaxLength(config) ?? Infinity,
  };
}

/** Lines without the white space at their ends; of a token on two lines the later one counts, as in `tokenizers`. */
function parseLines(vocabTxt: string, file: string): Vocabulary {
  const lines = vocabTxt.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  if (lines.length > VOCABULARY_LIMIT) throw fault(file, `at most ${VOCABULARY_LIMIT} lines`, lines.length);
  const ids = new Map<string, number>();
  lines.forEach((line, id) => {
    let end = line.length;
    while (end > 0 && flagsOf(line.charCodeAt(end - 1)) & WHITE) end--;
    ids.set(line.slice(0, end), id);
  });
  const vocabulary = new Vocabulary();
  for (const [token, id] of ids) vocabulary.add(token, id, file);
  return vocabulary;
}

/** A special token is named by its text or by an object that has it. */
function tokenName(value: unknown, where: string): string {
  return string(isObject(value) ? (value as Json).content : value, where);
}

function specialToken(content: string, id: number): AddedToken {
  return { id, content, singleWord: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
