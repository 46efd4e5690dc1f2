import type { Entity } from './entity.ts';

/**
 * The entities of a sequence of tags, as lenient as conlleval.pl is, and as seqeval 1.2.2 by default: an `I-` or `E-`
 * with nothing to go on from begins an entity, and so does any change of type. A tag is a letter of `BIES`, a hyphen and
 * a type, or `O`; a bare letter has the type `_`.
 */
export function conllEntities(tags: readonly string[]): Entity[] {
  const entities: Entity[] = [];
  let last = { letter: 'O', type: '' };
  let start = 0;
  // One past the end, for what is still open there.
  for (let i = 0; i <= tags.length; i++) {
    const tag = parseTag(tags[i] ?? 'O');
    const changes = last.type !== tag.type;
    if (ends(last.letter, tag.letter) || (changes && isInside(last.letter))) {
      entities.push({ type: last.type, start, end: i - 1 });
    }
    if (starts(last.letter, tag.letter) || (changes && isInside(tag.letter))) start = i;
    last = tag;
  }
  return entities;
}

function ends(last: string, next: string): boolean {
  return 'ES'.includes(last) || ('BI'.includes(last) && 'BSO'.includes(next));
}

function starts(last: string, next: string): boolean {
  return 'BS'.includes(next) || ('ESO'.includes(last) && 'EI'.includes(next));
}

function isInside(letter: string): boolean {
  return letter !== 'O' && letter !== '.';
}

function parseTag(tag: string): { letter: string; type: string } {
  const rest = tag.slice(1);
  return { letter: tag[0], type: rest.slice(rest.indexOf('-') + 1) || '_' };
}
