/*
 * Prometheus' text exposition format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/** Names to values, none of which needs escaping here. */
type Labels = Readonly<Record<string, string>>;

/** A sum for each set of labels. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  /** @param known sets of labels that are shown from the start, so that a rate has a point to begin at */
  constructor(name: string, help: string, known: readonly Labels[] = []) {
    this.#name = name;
    this.#help = help;
    for (const labels of known) this.#values.set(show(labels), 0);
  }

  add(labels: Labels, amount = 1): void {
    const key = show(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  lines(): string[] {
    return [
      ...head(this.#name, this.#help, 'counter'),
      ...Array.from(this.#values, ([key, n]) => `${this.#name}${key} ${n}`),
    ];
  }
}

/** A value as it is now. */
export function gauge(name: string, help: string, value: number): string[] {
  return [...head(name, help, 'gauge'), `${name} ${value}`];
}

/** Counts of values up to each bound, for each set of labels. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { labels: Labels; counts: number[]; sum: number }>();

  /** @param bounds ascending; the last one, infinity, goes without saying */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = [...bounds, Infinity];
  }

  observe(value: number, labels: Labels = {}): void {
    const key = show(labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { labels, counts: this.#bounds.map(() => 0), sum: 0 };
      this.#series.set(key, series);
    }
    series.counts[this.#bounds.findIndex((bound) => value <= bound)]++;
    series.sum += value;
  }

  lines(): string[] {
    const lines = head(this.#name, this.#help, 'histogram');
    for (const [key, { labels, counts, sum }] of this.#series) {
      let count = 0;
      counts.forEach((n, i) => {
        count += n;
        const le = this.#bounds[i] === Infinity ? '+Inf' : String(this.#bounds[i]);
        lines.push(`${this.#name}_bucket${show({ ...labels, le })} ${count}`);
      });
      lines.push(`${this.#name}_sum${key} ${sum}`, `${this.#name}_count${key} ${count}`);
    }
    return lines;
  }
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function show(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
