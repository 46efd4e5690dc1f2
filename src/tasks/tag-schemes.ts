import { DataError } from '../errors.ts';
import type { Entity } from './entity.ts';

/**
 * When a tag starts an entity, goes on with it, or shows that the one before it ended. A rule is the letter before, the
 * letter now (`.` is any) and whether their types must be equal (`=`), differ (`!`) or neither (`*`).
 */
interface Rules {
  letters: string;
  start: readonly string[];
  inside: readonly string[];
  end: readonly string[];
}

/** The rules of seqeval 1.2.2, gaps included: there some IOE1 entities are never found. */
const RULES = {
  IOB1: rules('IOB', 'OI* II! BI* IB= BB=', 'BI= II=', 'II! IO* IB* BO* BI! BB='),
  IOB2: rules('IOB', '.B*', 'BI= II=', 'IO* II! IB* BO* BI! BB*'),
  IOE1: rules('IOE', 'OI* II! EI* EE=', 'II= IE=', 'II! IO* IE! EI= EE='),
  IOE2: rules('IOE', 'OI* OE* EI* EE* II! IE!', 'IE= II=', 'E.*'),
  IOBES: rules('IOBES', '.B* .S*', 'BI= BE= II= IE=', 'S.* E.*'),
  BILOU: rules('BILOU', '.B* .U*', 'BI= BL= II= IL=', 'U.* L.*'),
};
export type Scheme = keyof typeof RULES;
export const SCHEMES = Object.keys(RULES) as Scheme[];

interface Tag {
  letter: string;
  type: string;
}
const OUTSIDE: Tag = { letter: 'O', type: '_' };

/**
 * The entities of a sequence of tags that keep to a scheme; whatever does not is none. As strict mode of seqeval 1.2.2.
 *
 * @throws DataError where a tag begins with a letter that the scheme has not; `where` names the sequence
 */
export function schemeEntities(tags: readonly string[], scheme: Scheme, where = 'tags'): Entity[] {
  const { letters, start, inside, end } = RULES[scheme];
  const parsed = tags.map((tag, i) => {
    if (!letters.includes(tag[0])) {
      throw new DataError(`${where}[${i}]: expected a tag of ${scheme}, ${[...letters].join(', ')}, got ${tag}`);
    }
    return { letter: tag[0], type: tag.slice(1).replace(/^-+|-+$/g, '') || '_' };
  });
  const at = (i: number) => parsed[i] ?? OUTSIDE;

  const entities: Entity[] = [];
  for (let i = 0; i < parsed.length; ) {
    const first = i++;
    if (!follows(at(first - 1), at(first), start)) continue;
    while (i < parsed.length && follows(at(i - 1), at(i), inside)) i++;
    if (follows(at(i - 1), at(i), end)) entities.push({ type: at(first).type, start: first, end: i - 1 });
  }
  return entities;
}

function rules(letters: string, start: string, inside: string, end: string): Rules {
  return { letters, start: start.split(' '), inside: inside.split(' '), end: end.split(' ') };
}

function follows(last: Tag, next: Tag, patterns: readonly string[]): boolean {
  return patterns.some(
    ([before, now, types]) =>
      (before === '.' || before === last.letter) &&
      (now === '.' || now === next.letter) &&
      (types === '*' || (types === '=') === (last.type === next.type)),
  );
}
