import { type Report, type Runtime, Unavailable } from './runtime.ts';

/** What became of the suite in one runtime. */
export interface Outcome {
  /** With its version where it ran. */
  runtime: string;
  report?: Report;
  /** Why it could not run, though nothing is wrong. */
  skipped?: string;
  failed?: string;
}

/** @param ci whether a required runtime must be there */
export async function outcomeOf(runtime: Runtime, ci: boolean): Promise<Outcome> {
  try {
    const { version, ...report } = await runtime.run();
    return { runtime: `${runtime.name} ${version}`, report };
  } catch (error) {
    const { message } = error as Error;
    const skipped = error instanceof Unavailable && !(ci && runtime.required);
    return { runtime: runtime.name, [skipped ? 'skipped' : 'failed']: message };
  }
}

/** All checks of all runtimes, in their order. */
export function checksOf(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ report }) => Object.keys(report?.checks ?? {})))];
}

/** Whether a runtime's check came out as in the first runtime that ran. */
export function holds(check: string, { report }: Outcome, outcomes: readonly Outcome[]): boolean {
  const expected = outcomes.find(({ report }) => report)?.report?.checks[check];
  const got = report?.checks[check];
  return got !== undefined && got === expected && /^(ok|[0-9a-f]{64})$/.test(got);
}

/** Whether every runtime that is there gives the same, and at least two are. */
export function allHold(outcomes: readonly Outcome[]): boolean {
  const checks = checksOf(outcomes);
  const ran = outcomes.filter(({ skipped }) => skipped === undefined);
  return (
    ran.length > 1 &&
    checks.length > 0 &&
    ran.every((outcome) => checks.every((check) => holds(check, outcome, outcomes)))
  );
}
