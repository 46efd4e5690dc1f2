/**
 * Texts beside those of calibration, with which the model may have been quantised: an empty one, one word, a script that the vocabulary lacks,
 * numbers, a long one.
 */
export const OWN_TEXTS: readonly string[] = [
  '',
  'awful',
  '??? !!! ...',
  'Нам очень понравилось 🙂, 二度と行かない',
  'Order 4471-B: 3 x 12.50 = 37.50 EUR, paid 2024-02-29 at 23:59:59',
  'I wanted to love it, and for an hour I nearly did.',
  'Everyone at the desk was kind, the room was not ready, the lift was broken, and still I would go back tomorrow.',
  Array.from(
    { length: 12 },
    (_, i) => `Chapter ${i + 1} repeats the last one, only slower and with more weather in it.`,
  ).join(' '),
];
