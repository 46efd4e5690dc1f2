/** A tagged span of one or more tokens. */
export interface Entity {
  type: string;
  /** First and last token. */
  start: number;
  end: number;
}
