import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { binaries } from '../fixtures/kernels.ts';
import { tinyModel } from '../fixtures/tiny-model.ts';
import { type Attack, classify } from './attack.ts';

const source = bytesSource('m', tinyModel());

/** A text that must be classified to the same bits as another. */
function sameAs(name: string, text: string, other: string): Attack {
  const run = async () => ({ [name]: await classify(source, text) });
  return { name, run, expected: async () => ({ [name]: await classify(source, other) }) };
}

/** Token ids that the engine must refuse. */
function ids(name: string, batch: readonly ArrayLike<number>[], error: RegExp): Attack {
  const run = async () => {
    const model = await Model.load(source, await loadConfig(source), binaries);
    try {
      return model.logits(batch);
    } finally {
      model.dispose();
    }
  };
  return { name, run, expected: error };
}

const anyText =
  (value: unknown): Attack['run'] =>
  () =>
    classify(source, value as string);

export const INPUTS: Attack[] = [
  sameAs('1 MB of one word is one unknown word', 'a'.repeat(1e6), '[UNK]'),
  sameAs('1 MB of words is cut to what the model reads', 'film '.repeat(2e5), 'film '.repeat(62)),
  sameAs('1 MB of combining marks is one unknown word', '\u0301'.repeat(1e6), ''),
  sameAs('1 MB of control characters is an empty text', '\u0000\u0007\u200b'.repeat(3e5), ''),
  sameAs('white space alone is an empty text', ' \t\r\n\u3000\u00a0', ''),
  sameAs('a lone surrogate is cleaned away', 'fi\ud800lm', 'film'),
  ids('an id past the vocabulary', [[2, 100, 3]], /sequence 0, token 1: expected an id from 0 to 99, got 100/),
  ids(
    'a negative id',
    [
      [2, 5, 3],
      [2, -1, 3],
    ],
    /sequence 1, token 1: expected an id from 0 to 99, got -1/,
  ),
  ids('an id of NaN', [[Number.NaN]], /token 0: expected an id from 0 to 99, got NaN/),
  ids('half an id', [[2, 5.5, 3]], /token 1: expected an id from 0 to 99, got 5.5/),
  ids('an id of 2^32', [[2, 2 ** 32, 3]], /token 1: expected an id from 0 to 99, got 4294967296/),
  ids('an empty sequence', [[]], /sequence 0: expected 1 to 64 ids, got 0/),
  ids('a sequence longer than the positions', [new Int32Array(65)], /sequence 0: expected 1 to 64 ids, got 65/),
  {
    name: 'a text of null',
    run: anyText(null),
    expected: /expected a string or an array of strings, got null/,
  },
  { name: 'a text of 7 in an array', run: anyText(['a', 7]), expected: /texts\[1\]: expected a string, got number/ },
];
