export interface Taken {
  readonly ms: number;
  /** Of this thread: without what others do on the machine, and without the collector's other threads. */
  readonly cpuMs: number;
}

/** Gives what tells how long it is since. */
export function stopwatch(): () => Taken {
  const begun = performance.now();
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return { ms: performance.now() - begun, cpuMs: (user + system) / 1000 };
  };
}
