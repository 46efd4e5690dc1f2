/** The user's Ctrl-C, which ended work that can be gone on with. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}
