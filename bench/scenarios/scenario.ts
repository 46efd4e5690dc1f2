import type { Result } from '../results.ts';

export interface Scenario {
  results: Result[];
  /** Why contestants were left out. */
  absent: Map<string, string>;
}
