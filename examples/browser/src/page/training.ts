import type { TrainingProgress } from 'bertwasm';
import type { Ask } from '../model/ask.ts';
import type { Row } from '../rows/row.ts';
import { usableRows } from '../rows/usable.ts';
import { element } from './element.ts';
import { showLoss } from './loss-curve.ts';

/**
 * The buttons Retrain and Cancel, and what is told between them.
 *
 * @param trained gets the bytes of each new head
 */
export function training(ask: Ask, rows: () => Row[], trained: (head: Uint8Array<ArrayBuffer>) => void): void {
  const start = element('retrain');
  const cancel = element<HTMLButtonElement>('cancel');
  const state = element('training');
  const failure = element('learn-failure');
  let running: AbortController | undefined;

  start.addEventListener('click', async () => {
    if (start.ariaDisabled === 'true') return;
    failure.textContent = '';
    running = new AbortController();
    const { signal } = running;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      const usable = usableRows(rows());
      setRunning(true);
      state.textContent = 'Reading the rows …';
      bytes = await ask('retrain', usable, { onTold: follow(state), signal });
      state.textContent = `Learnt from ${usable.length} rows.`;
    } catch (error) {
      if (signal.aborted) state.textContent = 'Cancelled: nothing has changed.';
      else failure.textContent = `Nothing was trained. ${(error as Error).message}`;
      return;
    } finally {
      setRunning(false);
    }
    trained(bytes);
  });
  cancel.addEventListener('click', () => running?.abort());

  // Not `disabled`, which would take the focus from who pressed it.
  function setRunning(on: boolean): void {
    start.ariaDisabled = String(on);
    if (!on && document.activeElement === cancel) start.focus();
    cancel.disabled = !on;
  }
}

/** Tells of a training as it goes on, its curve once a frame. */
function follow(state: HTMLElement): (progress: TrainingProgress) => void {
  const losses: number[] = [];
  let drawn = true;
  return (progress) => {
    if (progress.phase === 'features') {
      state.textContent = `Reading row ${progress.rows} of ${progress.total}`;
      return;
    }
    losses.push(progress.loss);
    if (!drawn) return;
    drawn = false;
    requestAnimationFrame(() => {
      drawn = true;
      showLoss(losses, progress.steps);
    });
  };
}
