import type { Row } from '../rows/row.ts';
import { element } from './element.ts';

/** Offers the labels in use wherever one is typed. */
export function suggestLabels(rows: readonly Row[]): void {
  const labels = new Set(rows.map(({ label }) => label.trim()).filter((label) => label !== ''));
  element('labels').replaceChildren(...Array.from(labels, (label) => new Option(label)));
}
