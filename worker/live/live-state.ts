import type { FleetInstance } from "../../contract/instance.ts";
import { CLOCK_SKEW_MAX_MS } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { publicInstance } from "../instances/facts.ts";
import type { InstanceRow } from "../instances/table.ts";
import { Tail } from "./tail.ts";

interface Live {
  row: InstanceRow;
  lastSampleAt: EpochMs | null;
  latest: Readings;
  tail: Tail;
}

/** This moment of the fleet, in memory only: what a viewer is shown first. The database can always tell it again. */
export class LiveState {
  #live = new Map<string, Live>();

  setInstance(row: InstanceRow): void {
    const known = this.#live.get(row.id);
    if (known) known.row = row;
    else this.#live.set(row.id, { row, lastSampleAt: null, latest: {}, tail: new Tail() });
  }

  /** Fleet metrics of one sample; an older one than the newest known fills the tail only. */
  apply(instanceId: string, at: EpochMs, metrics: Readings): void {
    const live = this.#live.get(instanceId);
    if (!live) return;
    live.tail.add(at, metrics);
    if (live.lastSampleAt !== null && at < live.lastSampleAt) return;
    live.lastSampleAt = at;
    live.latest = metrics;
  }

  rowOf(instanceId: string): InstanceRow | undefined {
    return this.#live.get(instanceId)?.row;
  }

  *rows(): Generator<InstanceRow> {
    for (const { row } of this.#live.values()) yield row;
  }

  lastSampleAt(instanceId: string): EpochMs | null {
    return this.#live.get(instanceId)?.lastSampleAt ?? null;
  }

  /** When an agent was heard last, by our clock: its own may be wrong by hours and is left as it is within a day. */
  heardAt(instanceId: string): EpochMs | null {
    const live = this.#live.get(instanceId);
    return live?.lastSampleAt == null ? null : onOurClock(live.row, live.lastSampleAt);
  }

  /** The fleet metrics of an instance's last sample, and when it was. */
  latestOf(instanceId: string): { lastSampleAt: EpochMs | null; latest: Readings } | undefined {
    const live = this.#live.get(instanceId);
    return live && { lastSampleAt: live.lastSampleAt, latest: live.latest };
  }

  remove(instanceId: string): void {
    this.#live.delete(instanceId);
  }

  snapshot(now: EpochMs): FleetInstance[] {
    return [...this.#live.values()].map((live) => ({
      ...publicInstance(live.row, live.lastSampleAt),
      latest: live.latest,
      tail: live.tail.columns(now),
    }));
  }
}

/** The moment at which an agent took a sample, whatever its clock said. A clock that is more than a day off was corrected when it came in. */
export function onOurClock({ clockOffsetMs }: Pick<InstanceRow, "clockOffsetMs">, at: EpochMs): EpochMs {
  return Math.abs(clockOffsetMs) > CLOCK_SKEW_MAX_MS ? at : at - clockOffsetMs;
}
