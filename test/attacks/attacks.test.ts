import { describe, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';
import { type Attack, classify } from './attack.ts';
import { DIRECTORIES } from './directories.ts';
import { INPUTS } from './inputs.ts';
import { MODELS, OVERFLOWS } from './models.ts';

test('what the attacks start from is valid', async () => {
  for (const files of [tinyModel(), await tinyOwnModel()]) {
    expect(await classify(bytesSource('m', files))).toMatchObject([{ label: expect.stringMatching(/TIVE$/) }]);
  }
});

const messages: string[] = [];

/** A clear error is one of ours, on one line of modest length; a result is the one stated. */
async function meets({ run, expected }: Attack, kind: typeof DataError | typeof UsageError): Promise<void> {
  if (!(expected instanceof RegExp)) {
    expect(await run()).toEqual(await expected());
    return;
  }
  const outcome = await run().then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  expect(outcome).toHaveProperty('error');
  const { error } = outcome as { error: Error };
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toMatch(expected);
  expect(error.message).toMatch(/^[^\p{Cc}]{1,400}$/u);
  messages.push(error.message);
}

describe('models', () => {
  test.each(MODELS)('$name', (attack) => meets(attack, DataError));
  test('each has its own error', () => expect(new Set(messages).size).toBe(MODELS.length));
});

describe('models that overflow', () => {
  test.each(OVERFLOWS)('$name', (attack) => meets(attack, DataError));
});

// Windows has no pipes in directories, and makes links for administrators alone.
describe.skipIf(process.platform === 'win32')('directories', () => {
  test.each(DIRECTORIES)('$name', (attack) => meets(attack, DataError));
});

describe('inputs', () => {
  test.each(INPUTS)('$name', (attack) => meets(attack, UsageError));
});
