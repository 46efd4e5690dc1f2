import type { EntityGroup, LabelScore, Progress, TrainingProgress } from 'bertwasm';
import type { Row } from '../rows/row.ts';

/** Every label with its score, best first: by the head in use, and by the one before it. */
export interface Labels {
  now: LabelScore[];
  before?: LabelScore[];
}

/** What is read in a text. */
export interface Reading extends Labels {
  entities: EntityGroup[];
}

/** What the page asks of the worker: by name what it takes, what it tells meanwhile, and what it gives. */
export interface Calls {
  /** URLs of a model and of the tagger's head. */
  load: { takes: { model: string; tagger: string }; tells: Progress; gives: undefined };
  read: { takes: string; tells: never; gives: Reading };
  compare: { takes: readonly string[]; tells: never; gives: Labels[] };
  /** Trains a head, which is then in use; gives its bytes. */
  retrain: { takes: readonly Row[]; tells: TrainingProgress; gives: Uint8Array<ArrayBuffer> };
  /** Puts a head in use; gives its labels. */
  use: { takes: Uint8Array; tells: never; gives: readonly string[] };
}
export type Call = keyof Calls;

/** From the page; a call by its number, or that it is to end. */
export type Question =
  | { [K in Call]: { id: number; call: K; takes: Calls[K]['takes'] } }[Call]
  | { id: number; cancel: true };

/** From the worker. */
export type Answer =
  | { id: number; tells: Calls[Call]['tells'] }
  | { id: number; gives: Calls[Call]['gives'] }
  | { id: number; error: string };
