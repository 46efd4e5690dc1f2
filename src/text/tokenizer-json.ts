import { isObject, show } from '../model/json.ts';
import type { AddedToken } from './added-tokens.ts';
import { array, boolean, fault, integer, type Json, object, string } from './check.ts';
import type { NormalizerOptions } from './normalizer.ts';
import type { TokenizerParts } from './parts.ts';
import { addedBy, bertTemplates, type Template, type TemplatePart } from './template.ts';
import { VOCABULARY_LIMIT, Vocabulary } from './vocabulary.ts';
import type { WordPieceOptions } from './word-piece.ts';

/** Most code points of a word that a file may ask for; the time a word takes grows with their square. */
const WORD_LIMIT = 256;

/** Most special tokens of a template. */
const TEMPLATE_LIMIT = 64;

/** Reads a tokenizer.json of Hugging Face `tokenizers`, version 1.0. `file` is for messages. */
export function parseTokenizerJson(json: unknown, config: unknown, file: string): TokenizerParts {
  const root = object(json, file);
  if (root.version !== undefined && root.version !== '1.0') throw fault(`${file} version`, '"1.0"', root.version);
  const model = typed(root.model, `${file} model`, 'WordPiece');
  const vocabulary = parseVocabulary(model.vocab, `${file} model.vocab`);
  const wordPiece: WordPieceOptions = {
    unkToken: string(model.unk_token ?? '[UNK]', `${file} model.unk_token`),
    prefix: string(model.continuing_subword_prefix ?? '##', `${file} model.continuing_subword_prefix`),
    maxInputChars: integer(
      model.max_input_chars_per_word ?? 100,
      `${file} model.max_input_chars_per_word`,
      1,
      WORD_LIMIT,
    ),
  };
  typed(root.pre_tokenizer, `${file} pre_tokenizer`, 'BertPreTokenizer');
  const added = array(root.added_tokens ?? [], `${file} added_tokens`).map((entry, i) => {
    const where = `${file} added_tokens[${i}]`;
    const token = object(entry, where);
    return parseAddedToken(token, integer(token.id, `${where}.id`, 0, VOCABULARY_LIMIT - 1), where);
  });
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const idOf = (token: string) => addedIds.get(token) ?? vocabulary.ids.get(token);
  const [single, pair] = parseTemplates(root.post_processor, `${file} post_processor`, idOf);
  return {
    vocabulary,
    wordPiece,
    normalizer: parseNormalizer(root.normalizer, `${file} normalizer`),
    added,
    single,
    pair,
    modelMaxLength: modelMaxLength(config) ?? parseTruncation(root.truncation, `${file} truncation`) ?? Infinity,
  };
}

/** tokenizer_config.json's `model_max_length`; transformers writes 1e30 where there is no limit. */
export function modelMaxLength(config: unknown): number | undefined {
  if (config === undefined || config === null) return undefined;
  const { model_max_length: length } = object(config, 'tokenizer_config.json');
  if (length === undefined || length === null || (typeof length === 'number' && length >= 1e9)) return undefined;
  return integer(length, 'tokenizer_config.json model_max_length', 3, 1e9);
}

/** One added token, from either file. */
export function parseAddedToken(token: Json, id: number, where: string): AddedToken {
  const special = boolean(token.special, `${where}.special`, false);
  return {
    id,
    content: string(token.content, `${where}.content`),
    singleWord: boolean(token.single_word, `${where}.single_word`, false),
    lstrip: boolean(token.lstrip, `${where}.lstrip`, false),
    rstrip: boolean(token.rstrip, `${where}.rstrip`, false),
    normalized: boolean(token.normalized, `${where}.normalized`, !special),
    special,
  };
}

/** What {@link parseTokenizerJson} and Python `tokenizers` read. */
export function toTokenizerJson(parts: TokenizerParts): unknown {
  const { vocabulary, wordPiece, normalizer, modelMaxLength: length } = parts;
  const vocab: Record<string, number> = {};
  vocabulary.tokens.forEach((token, id) => {
    // Not an assignment, which would take `__proto__` for more than a token.
    if (token !== undefined) Object.defineProperty(vocab, token, { value: id, enumerable: true });
  });
  return {
    version: '1.0',
    truncation: Number.isFinite(length)
      ? { direction: 'Right', max_length: length, strategy: 'LongestFirst', stride: 0 }
      : null,
    padding: null,
    added_tokens: [...parts.added]
      .sort((a, b) => a.id - b.id)
      .map(({ id, content, singleWord, lstrip, rstrip, normalized, special }) => {
        return { id, content, single_word: singleWord, lstrip, rstrip, normalized, special };
      }),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: normalizer.cleanText,
      handle_chinese_chars: normalizer.handleChineseChars,
      strip_accents: normalizer.stripAccents,
      lowercase: normalizer.lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: templatesToJson(parts.single, parts.pair),
    decoder: { type: 'WordPiece', prefix: wordPiece.prefix, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: wordPiece.unkToken,
      continuing_subword_prefix: wordPiece.prefix,
      max_input_chars_per_word: wordPiece.maxInputChars,
      vocab,
    },
  };
}

function typed(value: unknown, where: string, type: string): Json {
  const found = object(value, where);
  if (found.type !== type) throw fault(`${where}.type`, show(type), found.type);
  return found;
}

function parseVocabulary(value: unknown, where: string): Vocabulary {
  const vocabulary = new Vocabulary();
  const ids = object(value, where);
  const tokens = Object.keys(ids);
  if (tokens.length > VOCABULARY_LIMIT) throw fault(where, `at most ${VOCABULARY_LIMIT} tokens`, tokens.length);
  for (const token of tokens) {
    const id = ids[token];
    if (typeof id !== 'number') throw fault(where, `an id for ${show(token)}`, id);
    vocabulary.add(token, id, where);
  }
  return vocabulary;
}

function parseNormalizer(value: unknown, where: string): NormalizerOptions {
  const json = typed(value, where, 'BertNormalizer');
  const strip = json.strip_accents ?? null;
  return {
    cleanText: boolean(json.clean_text, `${where}.clean_text`, true),
    handleChineseChars: boolean(json.handle_chinese_chars, `${where}.handle_chinese_chars`, true),
    stripAccents: strip === null ? null : boolean(strip, `${where}.strip_accents`, true),
    lowercase: boolean(json.lowercase, `${where}.lowercase`, true),
  };
}

function parseTruncation(value: unknown, where: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const { max_length: length, direction } = object(value, where);
  if (direction !== undefined && direction !== 'Right') throw fault(`${where}.direction`, '"Right"', direction);
  return integer(length, `${where}.max_length`, 3, 1e9);
}

type IdOf = (token: string) => number | undefined;

function parseTemplates(value: unknown, where: string, idOf: IdOf): [Template, Template] {
  const json = object(value, where);
  if (json.type === 'BertProcessing') {
    const [cls, sep] = (['cls', 'sep'] as const).map((key) => {
      const [token, id] = array(json[key], `${where}.${key}`);
      return special([token], [id], `${where}.${key}`, idOf);
    });
    return bertTemplates(cls, sep);
  }
  if (json.type !== 'TemplateProcessing') {
    throw fault(`${where}.type`, '"TemplateProcessing" or "BertProcessing"', json.type);
  }
  const specials = object(json.special_tokens, `${where}.special_tokens`);
  const parse = (key: 'single' | 'pair') => {
    const at = `${where}.${key}`;
    const parts = array(json[key], at).map((part) => parsePart(part, at, specials, idOf));
    const sequences = parts.flatMap((part) => ('sequence' in part ? ['AB'[part.sequence]] : [])).sort();
    const wanted = key === 'single' ? 'A' : 'A,B';
    const tokens = addedBy(parts);
    if (tokens > TEMPLATE_LIMIT) throw fault(at, `at most ${TEMPLATE_LIMIT} special tokens`, tokens);
    if (sequences.join() !== wanted) throw fault(at, `the sequences ${wanted}, each once`, sequences.join());
    return parts;
  };
  return [parse('single'), parse('pair')];
}

function parsePart(value: unknown, where: string, specials: Json, idOf: IdOf): TemplatePart {
  const part = object(value, where);
  if (isObject(part.Sequence)) {
    const { id, type_id } = part.Sequence;
    if (id !== 'A' && id !== 'B') throw fault(where, 'sequence "A" or "B"', id);
    return { sequence: id === 'A' ? 0 : 1, typeId: integer(type_id, `${where} type_id`, 0, 255) };
  }
  if (!isObject(part.SpecialToken)) throw fault(where, 'a Sequence or a SpecialToken', value);
  const name = string(part.SpecialToken.id, `${where} SpecialToken.id`);
  if (!Object.hasOwn(specials, name)) throw fault(where, `special_tokens to have ${show(name)}`, undefined);
  const { ids, tokens } = object(specials[name], `${where} ${name}`);
  return {
    ...special(array(tokens, `${where} ${name}.tokens`), array(ids, `${where} ${name}.ids`), `${where} ${name}`, idOf),
    typeId: integer(part.SpecialToken.type_id, `${where} type_id`, 0, 255),
  };
}

/** Special tokens with ids that the vocabulary agrees to. */
function special(tokens: unknown[], ids: unknown[], where: string, idOf: IdOf): { tokens: string[]; ids: number[] } {
  if (tokens.length !== ids.length || ids.length === 0) {
    throw fault(where, `as many ids as tokens, and at least one`, ids.length);
  }
  const names = tokens.map((token) => string(token, where));
  names.forEach((name, i) => {
    const id = idOf(name);
    if (id === undefined) throw fault(where, 'a token of the vocabulary', name);
    if (ids[i] !== id) throw fault(where, `the vocabulary's id ${id} for ${show(name)}`, ids[i]);
  });
  return { tokens: names, ids: ids as number[] };
}

function templatesToJson(single: Template, pair: Template): unknown {
  const specials: Record<string, unknown> = {};
  const write = (template: Template) =>
    template.map((part) => {
      if ('sequence' in part) return { Sequence: { id: 'AB'[part.sequence], type_id: part.typeId } };
      const id = part.tokens.join(' ');
      specials[id] = { id, ids: part.ids, tokens: part.tokens };
      return { SpecialToken: { id, type_id: part.typeId } };
    });
  return { type: 'TemplateProcessing', single: write(single), pair: write(pair), special_tokens: specials };
}
