/** What the decoder's clean-up does to each piece by itself, in this order. */
const CLEAN_UP: readonly (readonly [from: string, to: string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/**
 * Pieces of words as text, as the WordPiece decoder of Hugging Face `tokenizers` joins them, clean-up included. The
 * prefix of a first piece stays.
 */
export function joinPieces(pieces: readonly string[]): string {
  return pieces
    .map((piece, i) => {
      const joined = i === 0 ? piece : piece.startsWith('##') ? piece.slice(2) : ` ${piece}`;
      return CLEAN_UP.reduce((text, [from, to]) => text.replaceAll(from, to), joined);
    })
    .join('');
}
