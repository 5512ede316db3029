const SIGNALS = { SIGHUP: 129, SIGINT: 0, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;
const NAMES = Object.keys(SIGNALS) as Signal[];
const LOOK_EVERY_MS = 1_000;
/** Set by `start.mjs`: who waits for this process, and is no longer there when it was killed outright. */
const STARTED_BY = "NEPHOS_STARTED_BY";

const handlers = new Map<Signal, () => void>();

/** Calls back with the exit code when somebody asks this process to end, or when the one that started it is gone. */
export function whenToldToStop(stop: (code: number) => void): void {
  for (const signal of NAMES) {
    const handler = () => stop(SIGNALS[signal]);
    handlers.set(signal, handler);
    process.on(signal, handler);
  }
  const starter = Number(process.env[STARTED_BY]);
  if (!starter) return;
  setInterval(() => {
    if (process.ppid !== starter) stop(SIGNALS.SIGHUP);
  }, LOOK_EVERY_MS).unref();
}

/** Miniflare ends the process at the first signal, before anything else could be stopped in its order. */
export function silenceOtherHandlers(): void {
  for (const signal of NAMES) {
    for (const listener of process.listeners(signal)) {
      if (listener !== handlers.get(signal)) process.off(signal, listener as () => void);
    }
  }
}
