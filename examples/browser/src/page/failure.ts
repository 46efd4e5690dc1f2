import { element } from './element.ts';

/** Says what went wrong with the page as a whole. */
export function showFailure(error: unknown): void {
  element('state').textContent = '';
  element('failure').textContent = `The model stopped. ${(error as Error).message}. Reload the page to try again.`;
}
