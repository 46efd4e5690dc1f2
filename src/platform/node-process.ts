import { readFileSync } from 'node:fs';

/** What stands for the start of a process that lives where the system does not tell it. */
const UNKNOWN = '0';

/** This process in a file's name, `<number>-<start>`: numbers of processes come again. */
export function thisProcess(): string {
  return `${process.pid}-${startOf(process.pid)}`;
}

/** Whether the process of {@link thisProcess}'s name lives; where that cannot be told, it does. */
export function lives(name: string): boolean {
  const [pid, start] = name.split('-');
  const found = startOf(Number(pid));
  return found === start || found === UNKNOWN;
}

/** When a process started, in the system's own terms; `undefined` for one that is no more. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // proc(5): after the name in parentheses the state, field 3; the start is field 22. Z is a dead one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return UNKNOWN;
  }
}
