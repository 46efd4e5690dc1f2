import { readFileSync } from 'node:fs';

/**
 * Resident memory of a process in bytes, as Linux tells it: what it has now (VmRSS), or the most that it ever had (VmHWM).
 *
 * @throws Error where it has ended
 */
export function residentBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kiB] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kiB === undefined) throw new Error(`process ${pid}: expected one that runs, got its end`);
  return Number(kiB) * 1024;
}
