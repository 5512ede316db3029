import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** What it needs of the tab, so that a test can be the tab. */
export interface Tab {
  now(): EpochMs;
  isHidden(): boolean;
  /** Calls back every second, and when the tab is hidden or seen again; the returned function stops that. */
  beat(act: () => void): () => void;
}

/** Does it now, and again so often while the tab is seen; one that comes back into sight later than that, at once. */
export function whileVisible(everyMs: DurationMs, act: () => void, tab: Tab = browserTab): () => void {
  let doneAt = tab.now();
  act();
  return tab.beat(() => {
    if (tab.isHidden() || tab.now() - doneAt < everyMs) return;
    doneAt = tab.now();
    act();
  });
}

const browserTab: Tab = {
  now: () => Date.now(),
  isHidden: () => document.hidden,
  beat: (act) => {
    const timer = setInterval(act, 1_000);
    document.addEventListener("visibilitychange", act);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", act);
    };
  },
};
