import { make } from './element.ts';

/** Names that the shipped head has, as people say them; labels of a visitor's own stand as they are. */
const NAMES: Record<string, string> = { POSITIVE: 'positive', NEGATIVE: 'negative' };

export function plainName(label: string): string {
  return NAMES[label] ?? label;
}

export function percent(part: number): string {
  return part.toLocaleString('en', { style: 'percent', maximumFractionDigits: 1 });
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A score as people read it, and to the last bit as its value. */
export function scoreOf(score: number): HTMLDataElement {
  const data = make('data', 'score', percent(score));
  data.value = String(score);
  return data;
}
