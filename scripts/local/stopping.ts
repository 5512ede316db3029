const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const LOOK_EVERY_MS = 1_000;
/** Set by `start.mjs`: who waits for this process, and is no longer there when it was killed outright. */
export const STARTED_BY = "NEPHOS_STARTED_BY";

/** Calls back with the exit code when somebody asks this process to end, or when the one that started it is gone. */
export function whenToldToStop(stop: (code: number) => void): void {
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    // Asked for and done: that is no failure, except that a signal's code tells the caller which.
    process.on(signal, () => stop(signal === "SIGINT" ? 0 : SIGNALS[signal]));
  }
  const starter = Number(process.env[STARTED_BY]);
  if (!starter) return;
  setInterval(() => {
    if (process.ppid !== starter) stop(SIGNALS.SIGHUP);
  }, LOOK_EVERY_MS).unref();
}
