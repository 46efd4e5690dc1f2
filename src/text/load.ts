import { DataError } from '../errors.ts';
import { checkVocabulary, type ModelConfig } from '../model/config.ts';
import { decodeUtf8, parseJson } from '../model/json.ts';
import { type ModelSource, readBytes } from '../model/source.ts';
import { Tokenizer } from './tokenizer.ts';

/** Largest tokenizer file read, in bytes: room for a million tokens of 60 bytes. */
const FILE_LIMIT = 64 * 1024 * 1024;

/**
 * Tokenizer of a model: from tokenizer.json, else vocab.txt, either with tokenizer_config.json where there is one.
 *
 * @param config of the model, where that is to read the ids
 * @throws DataError where the files are invalid, or have ids that the model has not
 */
export async function loadTokenizer(source: ModelSource, config?: ModelConfig): Promise<Tokenizer> {
  const tokenizer = await readTokenizer(source);
  if (config) checkVocabulary(tokenizer.vocabSize, config, source.name);
  return tokenizer;
}

async function readTokenizer(source: ModelSource): Promise<Tokenizer> {
  const read = (file: string) => readBytes(source, file, FILE_LIMIT);
  const configBytes = await read('tokenizer_config.json');
  const config = configBytes && parseJson(configBytes, `${source.name}/tokenizer_config.json`);
  const json = await read('tokenizer.json');
  if (json) {
    const where = `${source.name}/tokenizer.json`;
    return Tokenizer.fromJSON(parseJson(json, where), config, where);
  }
  const vocab = await read('vocab.txt');
  if (vocab) {
    const where = `${source.name}/vocab.txt`;
    // The byte order mark stays, as in Python: the first line would be another token.
    return Tokenizer.fromVocab(decodeUtf8(vocab, where), config, where);
  }
  throw new DataError(`${source.name}: expected tokenizer.json or vocab.txt, got neither`);
}
