import { element } from './element.ts';

/** Milliseconds of rest before something is said: a screen reader is not to speak at every key. */
const REST = 1000;
let timer = 0;

/** Says what the text was found to hold, once typing rests. */
export function announce(words: string): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    element('announcement').textContent = words;
  }, REST);
}
