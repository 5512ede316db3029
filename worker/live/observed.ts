import { atPrecision, metricOf, type Readings } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { publicInstance } from "../instances/facts.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { packReadings } from "../series/packed.ts";
import { COMMIT_ROWS_MAX } from "../settings.ts";
import type { LiveState } from "./live-state.ts";
import type { Roster } from "./roster.ts";
import type { CheckAbout } from "./subjects.ts";
import type { Tails } from "./tails.ts";
import type { Viewers } from "./viewers.ts";

/** What was seen of a subject from outside at one moment. */
export interface Observation {
  /** An instance's or a check's id. */
  subject: string;
  at: EpochMs;
  metrics: Readings;
  /** Of a check: what rules go by beside its series. */
  about?: CheckAbout;
}

/** What the sentinel writes of an instance; the rest of its row is others'. */
export type Found = Pick<InstanceRow, "id"> &
  Partial<Pick<InstanceRow, (typeof FOUND_COLUMNS)[number]>> & { isNew?: InstanceRow };

export const FOUND_COLUMNS = [
  "name",
  "nameGiven",
  "tags",
  "monthlyCostGiven",
  "accountId",
  "accountInstanceId",
  "cloud",
  "bandwidth",
  "judgement",
] as const satisfies readonly (keyof InstanceRow)[];

/** The provider's columns of an instance that no account lists. */
export const RELEASED = { accountId: null, accountInstanceId: null, cloud: null, bandwidth: null };

/** When an instance that sends by itself was heard last. */
export interface Heard {
  id: string;
  lastSampleAt: EpochMs | null;
  intervalMs: DurationMs;
}

interface Parts {
  live: LiveState;
  roster: Roster;
  tails: Tails;
  viewers: Viewers;
}

/** What others than agents bring to the shard: the sentinel's rounds and verdicts, and what people change. */
export class Observed {
  readonly #parts: Parts;
  readonly #commit: (rows: SampleRow[]) => Promise<void>;

  constructor(parts: Parts, commit: (rows: SampleRow[]) => Promise<void>) {
    this.#parts = parts;
    this.#commit = commit;
  }

  /** Keeps observations: durable when this returns. Who observes keeps nothing itself, so they go the journal's way. */
  async record(observations: readonly Observation[]): Promise<void> {
    const rows = observations.map(({ subject, at, metrics }) => {
      return { instanceId: subject, at, stream: 0, seq: 0, metrics: packReadings(preciselyOf(metrics)) };
    });
    for (let first = 0; first < rows.length; first += COMMIT_ROWS_MAX)
      await this.#commit(rows.slice(first, first + COMMIT_ROWS_MAX));
  }

  /** The database has it already: what this object remembers follows, and who looks is told, all at once. Answers the rows that are known. */
  async found(instances: readonly Found[], now: EpochMs): Promise<InstanceRow[]> {
    const { live, roster, viewers } = this.#parts;
    const told: InstanceRow[] = [];
    for (const { isNew, ...change } of instances) {
      await roster.instanceChanged(change.id, change);
      const known = live.rowOf(change.id) ?? isNew;
      if (!known) continue;
      const row = { ...known, ...change };
      if (change.tags) viewers.leaveOut(row.id, known.tags, row.tags, now);
      live.setInstance(row);
      told.push(row);
    }
    const shown = told.map((row) => ({
      tags: row.tags,
      instance: publicInstance(row, live.lastSampleAt(row.id)),
    }));
    viewers.broadcastInstances(shown, now);
    return told;
  }

  removed({ id, tags }: Pick<InstanceRow, "id" | "tags">, now: EpochMs): void {
    const { live, roster, tails, viewers } = this.#parts;
    roster.forgetInstance(id);
    tails.drop(id, () => true);
    live.remove(id);
    viewers.broadcast({ type: "removed", now, instanceId: id }, tags);
  }

  /** Of these instances those that are known here, with when they were heard last. */
  heard(ids: readonly string[]): Heard[] {
    const { live } = this.#parts;
    return ids.flatMap((id) => {
      const row = live.rowOf(id);
      return row ? [{ id, lastSampleAt: live.heardAt(id), intervalMs: row.intervalMs }] : [];
    });
  }
}

/** As precise as each metric is worth, like what agents send. */
function preciselyOf(metrics: Readings): Readings {
  return Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, atPrecision(metricOf(key), value)]));
}
