import type { DurationMs } from "../../../contract/units.ts";
import type { Phases } from "../probe.ts";

/** How far an attempt has come: told of it also when it fails. */
export class Progress {
  #beganAt = Date.now();
  /** Of the first connection; null where the platform does not tell, and until there is one. */
  connectMs: DurationMs | null = null;
  /** Of the last answer. */
  firstByteMs: DurationMs | null = null;

  /** What came before was no part of it. */
  beginsNow(): void {
    this.#beganAt = Date.now();
    this.connectMs = null;
  }

  answered(): void {
    this.firstByteMs = this.passedMs();
  }

  passedMs(): DurationMs {
    return Date.now() - this.#beganAt;
  }

  phases(): Phases {
    return { connectMs: this.connectMs, firstByteMs: this.firstByteMs, totalMs: this.passedMs() };
  }
}
