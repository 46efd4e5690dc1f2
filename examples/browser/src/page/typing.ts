import type { EntityGroup } from 'bertwasm';
import type { Ask } from '../model/ask.ts';
import type { Reading } from '../model/calls.ts';
import { latest } from '../model/latest.ts';
import { announce } from './announce.ts';
import { element } from './element.ts';
import { showFailure } from './failure.ts';
import { listEntities, showMarks } from './marks.ts';
import { percent, plainName } from './plain.ts';
import { showScores } from './scores.ts';
import { shiftSpans } from './shift.ts';

const FIRST = 'Anna flew from Oslo to Lisbon to join Siemens, and she loves it.';

/** What there is to read in a field that was emptied. */
const NOTHING: Reading = { now: [], entities: [] };

/** The field. From its first `read` on, what is typed is read at once, the newest text first. */
export function typing(ask: Ask): { read(): Promise<void> } {
  const field = element<HTMLTextAreaElement>('text');
  let marked: { text: string; entities: readonly EntityGroup[] } = { text: '', entities: [] };
  let ready = false;

  function mark(entities: readonly EntityGroup[]): void {
    marked = { text: field.value, entities };
    showMarks(field.value, entities);
  }
  const readNewest = latest(async (text: string) => {
    const reading = text.trim() === '' ? NOTHING : await ask('read', text);
    mark(shiftSpans(reading.entities, text, field.value));
    listEntities(text, reading.entities);
    showLabels(reading);
    announce(inWords(text, reading));
  });
  function read(): Promise<void> {
    ready = true;
    return readNewest(field.value);
  }

  field.value = FIRST;
  mark([]);
  field.addEventListener('input', () => {
    mark(shiftSpans(marked.entities, marked.text, field.value));
    if (ready) read().catch(showFailure);
  });
  return { read };
}

function showLabels({ now, before }: Reading): void {
  showScores(element('now'), now);
  element('now-title').textContent = before ? 'Label now' : 'Label';
  element('before-part').hidden = !before;
  if (before) showScores(element('before'), before);
}

function inWords(text: string, { now: [best], entities }: Reading): string {
  const names = entities.map(({ start, end, entity_group }) => `${entity_group} ${text.slice(start, end)}`);
  return [...(best ? [`${plainName(best.label)}, ${percent(best.score)}`] : []), ...names].join('; ');
}
