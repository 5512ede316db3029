import { NephosError } from "../errors.ts";

/** People who may wait for their turn: each takes 5 s at most, and nobody waits for a minute. */
const WAITING_MAX = 8;

interface Turn {
  start: (isStopped: () => boolean) => Promise<void>;
  refuse: (why: NephosError) => void;
}

/**
 * One preview at work, and one of each session waiting: they are all one core's work, so side by side none would be sooner. A newer one
 * takes the place of an older of the same session, which is refused: whoever moves a slider waits for the last word only.
 */
export class PreviewLane {
  readonly #waiting = new Map<string, Turn>();
  #atWork: { by: string; isStopped: boolean } | undefined;

  /** `work` is to look at `isStopped` now and then, and to throw {@link superseded} when it is. Throws `too_busy`. */
  run<Result>(by: string, work: (isStopped: () => boolean) => Promise<Result>): Promise<Result> {
    if (this.#atWork?.by === by) this.#atWork.isStopped = true;
    this.#waiting.get(by)?.refuse(superseded());
    this.#waiting.delete(by);
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= WAITING_MAX) return reject(crowded());
      this.#waiting.set(by, {
        start: (isStopped) => work(isStopped).then(resolve, reject),
        refuse: reject,
      });
      if (!this.#atWork) void this.#workOff();
    });
  }

  async #workOff(): Promise<void> {
    for (const [by, turn] of this.#waiting) {
      this.#waiting.delete(by);
      const atWork = { by, isStopped: false };
      this.#atWork = atWork;
      await turn.start(() => atWork.isStopped);
    }
    this.#atWork = undefined;
  }
}

export function superseded(): NephosError {
  return new NephosError("too_busy", "A newer preview of yours took the place of this one.", {
    remedy: "Look at the newer one, or ask for this again.",
  });
}

function crowded(): NephosError {
  return new NephosError("too_busy", "Too many people are asking for previews just now.", {
    remedy: "Ask again in some seconds.",
    retryAfterSeconds: 5,
  });
}
