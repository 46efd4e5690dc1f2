/** Seeded texts from what makes tokenizers differ. */

const FRAGMENTS = [
  ...'aAbBzZ019',
  ...' \t\n\r\v\f\u0085\u00a0\u2003\u2028\u3000\u200b\u200d\ufeff',
  ...'.,!?-_\'"#$+<>[]`~^|=«»—…¿،。「」',
  ...'\0\u0001\u001f\u007f\u009f\ufffd\u00ad\u2060\ue000',
  ...'éÉñÅåßẞİıſςσΣǅŉΐᾂﬁÆØ',
  ...'\u0300\u0301\u0308\u0323\u0327\u0338\u0345\u034f\u0591\u05b0\u0651\u0e38\u0f71\u0f74\u302e\u3099',
  // Combining marks that are not stripped, so that their order shows.
  ...'\u08d4\u08e1\u1b44\u1dfb\ua953\u{1d165}\u{1d16d}\u{1e000}\u{1e944}\u{16ff0}\u{1d1c0}',
  ...'ཱི\u0f73\u0344\u0958\u09cb\u1f82',
  ...'한각힣ᄒ\u1161\u11abㄱ',
  ...'漢字一豈\uf967龜㐀\u{20000}\u{2a6d6}\u{2b740}\u{2b820}\u{2ceb0}\u{2f800}\u{30000}',
  ...'👩\u200d🚀🏽😀❤\ufe0f🇩🇪\u{e0061}\u{e0100}',
  ...'АбӐёאبก\u{10400}\u{10428}\u{1e900}\u{16e40}\u{10d50}\u{11938}\u{1f130}',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  '[mask]',
  '[UNK]',
  '[PAD]',
  '[CLS',
  '##a',
  '##s',
  'un',
  'affable',
  'movie',
  'movies',
  'Foo',
  'foo',
  'foo bar',
  'Foo Bar',
  'École',
  'école',
  'e\u0301cole',
  '<plain>',
  '<n>',
  '<N>',
  '<l>',
  '<r>',
  '<lr>',
  ' <l> ',
  ' <r> ',
  '一二',
  'abc',
  'abcd',
  'abcde',
  '  ',
  'the',
  'running',
  "don't",
  'x'.repeat(99),
  'y'.repeat(101),
  'é'.repeat(60),
  '😀'.repeat(55),
];

/** Numbers from 0 to 1 (mulberry32, public domain). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function text(next: () => number, longest: number): string {
  const count = Math.floor(next() * longest);
  // A few fragments a text, so that they meet again and again.
  const palette = Array.from(
    { length: 1 + Math.floor(next() * 8) },
    () => FRAGMENTS[Math.floor(next() * FRAGMENTS.length)],
  );
  let out = '';
  for (let i = 0; i < count; i++) {
    const from = next() < 0.7 ? palette : FRAGMENTS;
    out += from[Math.floor(next() * from.length)];
  }
  return out;
}
