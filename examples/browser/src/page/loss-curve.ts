import { element } from './element.ts';

const WIDTH = 600;
const TOP = 10;
const BOTTOM = 150;

/** The loss of every step so far. */
export function showLoss(losses: readonly number[], steps: number): void {
  const most = Math.max(...losses);
  const points = losses.map((loss, i) => {
    const x = (WIDTH * i) / Math.max(1, steps - 1);
    const y = BOTTOM - ((BOTTOM - TOP) * loss) / most;
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const curve = element<SVGElement>('curve');
  curve.querySelector('.loss')?.setAttribute('d', `M${points.join('L')}`);
  const words = `Loss from ${losses[0].toFixed(2)} to ${(losses.at(-1) as number).toFixed(2)} in ${losses.length} of ${steps} steps`;
  curve.setAttribute('aria-label', words);
  element('curve-caption').textContent = words;
}
