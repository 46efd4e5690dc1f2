import type { TrainingProgress } from '../train/train-head.ts';
import type { LogEntry } from '../train/trainer-state.ts';
import { printable } from './output.ts';
import { bar } from './progress.ts';

const INTERVAL = 100;
const COLUMN = 15;
/** Of the figures of an evaluation; all are in the log and in the report. */
const SHOWN = ['eval_loss', 'eval_accuracy', 'eval_f1'];

/** What a training tells on stderr: a bar on a terminal, and a line for each evaluation everywhere. */
export class TrainingReporter {
  readonly #terminal = Boolean(process.stderr.isTTY);
  #phase: TrainingProgress['phase'] | undefined;
  #started = 0;
  /** Units of the phase that were done when it started: a resumed training starts in its middle. */
  #first = 0;
  #drawn = 0;
  #columns: string[] | undefined;
  #loss: number | undefined;
  #epoch = 0;
  #evaluates = false;

  progress(progress: TrainingProgress): void {
    const [done, total, unit] =
      progress.phase === 'features'
        ? [progress.rows, progress.total, 'rows']
        : [progress.step, progress.steps, 'steps'];
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#started = now;
      this.#first = done;
      this.#drawn = 0;
    }
    const seconds = (now - this.#started) / 1000;
    const rate = (done - this.#first) / seconds;
    if (done === total && progress.phase === 'features') {
      this.say(`features: ${done} rows in ${seconds.toFixed(1)} s, ${perSecond(rate)}`);
      return;
    }
    if (!this.#terminal || now - this.#drawn < INTERVAL) return;
    this.#drawn = now;
    const left = rate > 0 && seconds > 1 ? `, ${duration((total - done) / rate)} left` : '';
    process.stderr.write(
      `\r\x1b[K${progress.phase} ${bar(done / total)} ${done}/${total} ${unit}, ${perSecond(rate)}${left}`,
    );
  }

  /** A line of the table for each evaluation; without any, for each epoch. */
  log(entry: LogEntry): void {
    this.#loss = entry.loss ?? this.#loss;
    const names = SHOWN.filter((name) => name in entry);
    if (names.length > 0) this.#evaluates = true;
    else if (this.#evaluates || entry.loss === undefined || Math.floor(entry.epoch) === this.#epoch) return;
    this.#epoch = Math.floor(entry.epoch);
    if (!this.#columns) {
      this.#columns = names;
      this.say(line(['epoch', 'step', 'loss', ...names]));
    }
    const figures = [this.#loss, ...this.#columns.map((name) => entry[name])];
    const shown = figures.map((value) => value?.toFixed(4) ?? '');
    this.#loss = undefined; // told
    this.say(line([String(Number(entry.epoch.toFixed(2))), String(entry.step), ...shown]));
  }

  /** Writes a line in place of the bar. */
  say(text: string): void {
    this.end();
    process.stderr.write(`${printable(text)}\n`);
  }

  /** Wipes the bar. */
  end(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[K');
  }
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.padEnd(COLUMN))
    .join('')
    .trimEnd();
}

function perSecond(rate: number): string {
  return Number.isFinite(rate) ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s` : '';
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
