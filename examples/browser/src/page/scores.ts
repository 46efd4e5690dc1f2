import type { LabelScore } from 'bertwasm';
import { make } from './element.ts';
import { plainName, scoreOf } from './plain.ts';

/** A bar for each label. */
export function showScores(list: HTMLElement, scores: readonly LabelScore[]): void {
  list.replaceChildren(
    ...scores.map(({ label, score }) => {
      const bar = make('span', 'bar');
      bar.style.setProperty('--score', String(score));
      return make('li', '', make('span', 'name', plainName(label)), scoreOf(score), bar);
    }),
  );
}
