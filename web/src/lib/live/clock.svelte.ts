import type { EpochMs } from "../../../../contract/units.ts";

/** The reader's clock, ticking once a second while the tab is looked at. */
export class Clock {
  now: EpochMs = $state(Date.now());

  /** Starts ticking; the returned function stops it. */
  start(): () => void {
    const timer = setInterval(() => {
      if (!document.hidden) this.now = Date.now();
    }, 1_000);
    const wake = () => (this.now = Date.now());
    document.addEventListener("visibilitychange", wake);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", wake);
    };
  }
}
