import type { EntityGroup } from 'bertwasm';
import { element, make } from './element.ts';
import { scoreOf } from './plain.ts';

/** The text once more, under the field and unseen but for the marks around its names. */
export function showMarks(text: string, entities: readonly EntityGroup[]): void {
  const parts: (Node | string)[] = [];
  let at = 0;
  for (const { start, end, entity_group } of entities) {
    const mark = make('mark', '', text.slice(start, end));
    mark.dataset.type = entity_group;
    parts.push(text.slice(at, start), mark);
    at = end;
  }
  // A last line without a character would have no height.
  element('marks').replaceChildren(...parts, `${text.slice(at)}\u200b`);
}

export function listEntities(text: string, entities: readonly EntityGroup[]): void {
  const items = entities.map(({ start, end, entity_group, score }) => {
    const name = make('span', 'chip', text.slice(start, end));
    name.dataset.type = entity_group;
    return make('li', '', name, make('span', 'type', entity_group), scoreOf(score));
  });
  element('entities').replaceChildren(...(items.length > 0 ? items : [make('li', 'none', 'none found')]));
}
