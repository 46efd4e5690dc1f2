/** A text and the label that it should have. */
export interface Row {
  text: string;
  label: string;
}
