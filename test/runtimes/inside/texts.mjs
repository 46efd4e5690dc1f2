/* What every runtime is asked. Made of integers alone, so that all make the same. */

/** A seeded generator of integers below `n` (mulberry32). */
function random(seed) {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const SENTENCES = [
  'The rain had stopped, and the whole street came out to listen.',
  "She can't have read the letter; it was still sealed.",
  'Three hours of shouting, and nobody learns a thing.',
  'Ein stiller Film über große Brüder, in Köln gedreht.',
  'Le goût du café, à huit heures, déjà froid…',
  'Вечером мы вернулись домой — усталые, но довольные.',
  '昨日、駅の前で古い友達に会いました。',
  'الطريق إلى البحر طويل وجميل.',
  'ฝนตกทั้งวันแต่เรายังหัวเราะ',
  'One 👩‍🚀, two 🇳🇴 flags and a 👍🏽: what a launch!',
  'e\u0301clair, ﬁnal, Å, ²³½, №7 and İstanbul',
  'tab\there, nul\u0000there, soft\u00adhyphen, zero\u200bwidth',
  `a word of no use: ${'donau'.repeat(24)}`,
  '',
  ' \u3000\n',
  '[CLS] is a name here, and so is [MASK] .',
  'half a pair: \ud83d, and the other: \ude00',
];

/** Code points that one text takes its words from. */
const BLOCKS = [
  [0x61, 0x7a],
  [0x20, 0x7e],
  [0xc0, 0x24f],
  [0x391, 0x3c9],
  [0x410, 0x44f],
  [0x4e00, 0x4e80],
  [0xac00, 0xac80],
  [0x1f600, 0x1f64f],
];

function madeText(next, words) {
  const [from, to] = BLOCKS[next(BLOCKS.length)];
  const word = () => String.fromCodePoint(...Array.from({ length: 1 + next(8) }, () => from + next(to - from + 1)));
  return Array.from({ length: words }, word).join(' ');
}

function makeTexts() {
  const next = random(1);
  const texts = [...SENTENCES];
  while (texts.length < 96) texts.push(madeText(next, 1 + next(12)));
  // Around and beyond the 512 tokens that the model reads.
  texts.push(madeText(next, 60), 'word '.repeat(509), 'word '.repeat(510), 'word '.repeat(700));
  return texts;
}

/** 100 texts. */
export const TEXTS = makeTexts();

const SUBJECTS = ['invoice', 'login page', 'delivery', 'new version', 'support team', 'mobile app', 'export', 'price'];
const REMARKS = {
  billing: ['was charged twice', 'needs a receipt', 'does not match my contract'],
  bug: ['crashes when I save', 'shows an empty screen', 'has been broken since Monday'],
  praise: ['is a joy to use', 'made my week', 'could not be better'],
};

/** 200 rows of three labels. */
export const ROWS = Array.from({ length: 200 }, (_, i) => {
  const label = Object.keys(REMARKS)[i % 3];
  const subject = SUBJECTS[Math.floor(i / 3) % SUBJECTS.length];
  return { text: `Ticket ${i}: the ${subject} ${REMARKS[label][Math.floor(i / 24) % 3]}.`, label };
});

const NAMES = ['Anna Berg', 'Tom', 'Maria da Silva', 'Liu Wei', 'Okonkwo'];
const PLACES = ['Oslo', 'New York', 'Quito', 'Cape Town', 'Lake Como'];

/** 30 sentences in words, a tag each. */
export const TAGGED = Array.from({ length: 30 }, (_, i) => {
  const spans = [
    [NAMES[i % 5], 'person'],
    ['went by train to', undefined],
    [PLACES[(i >> 1) % 5], 'place'],
    [`on day ${i} .`, undefined],
  ];
  const words = spans.flatMap(([span, type]) =>
    span.split(' ').map((word, w) => [word, type ? `${w === 0 ? 'B' : 'I'}-${type}` : 'O']),
  );
  return { tokens: words.map(([word]) => word), tags: words.map(([, tag]) => tag) };
});
