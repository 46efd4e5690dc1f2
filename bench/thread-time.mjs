/**
 * CPU milliseconds of this thread. Wall time would add what other processes take of the core, and process time what V8's
 * compiler threads do meanwhile (as much again in the first seconds).
 */
export function threadTime() {
  // Linux brings the running thread's time up to now only when it sums up the process; else it is up to 4 ms old.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
