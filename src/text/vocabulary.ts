import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';

/** Most ids a vocabulary may have; LaBSE, with one of the largest for BERT, has 501,153. */
export const VOCABULARY_LIMIT = 1_000_000;

/** Tokens and their ids. Ids are distinct; holes are allowed, as a vocab.txt with a line twice makes one. */
export class Vocabulary {
  readonly ids = new Map<string, number>();
  readonly tokens: (string | undefined)[] = [];

  add(token: string, id: number, where: string): void {
    if (!Number.isInteger(id) || id < 0 || id >= VOCABULARY_LIMIT) {
      throw new DataError(`${where}: expected an id from 0 to ${VOCABULARY_LIMIT - 1} for ${show(token)}, got ${id}`);
    }
    const other = this.tokens[id];
    if (other !== undefined) {
      throw new DataError(`${where}: expected one token with id ${id}, got ${show(other)} and ${show(token)}`);
    }
    // Ids come in any order, and an array filled from far ahead would turn into a slow dictionary.
    while (this.tokens.length < id) this.tokens.push(undefined);
    this.tokens[id] = token;
    this.ids.set(token, id);
  }

  /** Id of a token that has to be there. */
  need(token: string, where: string): number {
    const id = this.ids.get(token);
    if (id === undefined) throw new DataError(`${where}: expected a token of the vocabulary, got ${show(token)}`);
    return id;
  }

  /** 1 + the largest id. */
  get size(): number {
    return this.tokens.length;
  }
}
