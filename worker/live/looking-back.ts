import { RETENTION_DAYS } from "../../contract/limits.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Evaluation, Subject } from "../alerts/evaluation.ts";
import type { Database } from "../db/client.ts";
import { packKey } from "../series/packed.ts";
import { readWindow } from "../series/query.ts";
import { TIER_SPECS } from "../series/tiers.ts";
import type { Tails } from "./tails.ts";

/** More of them do not let a shard sleep, so it need not look back. */
const SUBJECTS_MAX = 20;
/** Beyond the span itself: a reading from before it is what the first one in it is compared with. */
const MORE_MS: DurationMs = 5 * 60_000;

/** The last while of what rules of change compare with: a shard that slept knows none of it, and small fleets let it sleep between two samples. */
export class LookingBack {
  readonly #db: Database;
  readonly #tails: Tails;

  constructor(db: Database, tails: Tails) {
    this.#db = db;
    this.#tails = tails;
  }

  /** Gives these subjects their past, where a rule needs it. One query each, of an hour's block or some. */
  async seed(evaluation: Evaluation, subjects: readonly Subject[], now: EpochMs): Promise<void> {
    for (const subject of subjects.slice(0, SUBJECTS_MAX)) {
      const wanted = evaluation.withoutPast(subject);
      if (wanted.length === 0) continue;
      const keys = [...new Set(wanted.map(({ metric }) => metric))];
      const from = now - Math.max(...wanted.map(({ overMs }) => overMs)) - MORE_MS;
      const held = { waiting: this.#tails.waitingOf([subject.id], keys.map(packKey)), unrolled: undefined };
      const retention = {
        rawDays: RETENTION_DAYS.raw.default,
        fiveMinutesDays: RETENTION_DAYS.fiveMinutes.default,
        hourDays: RETENTION_DAYS.hour.default,
      };
      const asked = { instanceIds: [subject.id], keys, from, to: now };
      const { windows } = await readWindow(this.#db, TIER_SPECS.raw, asked, held, retention, now);
      const { at, points } = windows.get(subject.id)!;
      for (const [column, key] of keys.entries()) {
        const values = points[column]!.mean;
        evaluation.givePast(
          subject,
          key,
          at.flatMap((time, index) => (values[index] == null ? [] : [{ at: time, value: values[index] }])),
        );
      }
    }
  }
}
