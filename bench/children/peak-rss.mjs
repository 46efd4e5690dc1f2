import { readFileSync } from 'node:fs';

/**
 * Most resident memory of this process so far, MB of 10^6 bytes. On Linux from VmHWM: getrusage's figure starts at the
 * parent's own (it outlives exec), which here is hundreds of MB. Elsewhere getrusage's.
 */
export function peakRss() {
  if (process.platform !== 'linux') return (process.resourceUsage().maxRSS * 1024) / 1e6;
  const [, kiB] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return (Number(kiB) * 1024) / 1e6;
}
