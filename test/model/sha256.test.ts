import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/model/sha256.ts';
import { utf8 } from '../fixtures/tiny-model.ts';

/** The examples of FIPS 180-2, appendix B, and the empty message of NIST's test vectors. */
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
])('of the standard: %#', (text, expected) => {
  const hash = sha256();
  hash.update(utf8(text));
  expect(hash.digest()).toBe(expected);
});

test('is node’s, whatever the pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (pieces) => {
      const hash = sha256();
      const reference = createHash('sha256');
      for (const piece of pieces) {
        hash.update(piece);
        reference.update(piece);
      }
      expect(hash.digest()).toBe(reference.digest('hex'));
    }),
    { numRuns: 1000 },
  );
});
