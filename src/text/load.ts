import { DataError } from '../errors.ts';
import { type ModelSource, readBytes } from '../model/source.ts';
import { Tokenizer } from './tokenizer.ts';

/** Largest tokenizer file read, in bytes: room for a million tokens of 60 bytes. */
const FILE_LIMIT = 64 * 1024 * 1024;

/** Tokenizer of a model: from tokenizer.json, else vocab.txt, either with tokenizer_config.json where there is one. */
export async function loadTokenizer(source: ModelSource): Promise<Tokenizer> {
  const configText = await readText(source, 'tokenizer_config.json');
  const config = configText === undefined ? undefined : parseJson(source, 'tokenizer_config.json', configText);
  const json = await readText(source, 'tokenizer.json');
  if (json !== undefined) {
    return Tokenizer.fromJSON(parseJson(source, 'tokenizer.json', json), config, `${source.name}/tokenizer.json`);
  }
  const vocab = await readText(source, 'vocab.txt');
  if (vocab !== undefined) return Tokenizer.fromVocab(vocab, config, `${source.name}/vocab.txt`);
  throw new DataError(`${source.name}: expected tokenizer.json or vocab.txt, got neither`);
}

async function readText(source: ModelSource, file: string): Promise<string | undefined> {
  const bytes = await readBytes(source, file, FILE_LIMIT);
  if (bytes === undefined) return undefined;
  try {
    // The byte order mark stays, as in Python: the first line of a vocab.txt would be another token.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError(`${source.name}/${file}: expected UTF-8, got other bytes`);
  }
}

function parseJson(source: ModelSource, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError(`${source.name}/${file}: expected JSON, got ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
}
