import { FLEET_METRICS, type Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { listInstances } from "../instances/store.ts";
import { recentSamples } from "../series/store.ts";
import { readingsOf } from "./incoming.ts";
import type { LiveState } from "./live-state.ts";
import type { Tails } from "./tails.ts";

/** The whole fleet's last half hour, for the viewers of a shard: read once per life of the object, when the first of them asks. */
export class FleetPicture {
  readonly #db: Database;
  readonly #live: LiveState;
  readonly #tails: Tails;
  #filled: Promise<void> | undefined;

  constructor(db: Database, live: LiveState, tails: Tails) {
    this.#db = db;
    this.#live = live;
    this.#tails = tails;
  }

  /** Done when nothing is being read. */
  get underway(): Promise<void> | undefined {
    return this.#filled?.catch(() => {});
  }

  fill(now: EpochMs): Promise<void> {
    this.#filled ??= this.#read(now).catch((error: unknown) => {
      this.#filled = undefined;
      throw error;
    });
    return this.#filled;
  }

  async #read(now: EpochMs): Promise<void> {
    const rows = await listInstances(this.#db);
    // Whoever has never sent has no samples to look for.
    const ids = rows.filter(({ intervalMs }) => intervalMs > 0).map(({ id }) => id);
    const recent = await recentSamples(this.#db, ids, now);
    // What came in while this was read is newer than what was read.
    for (const row of rows) if (!this.#live.rowOf(row.id)) this.#live.setInstance(row);
    for (const { instanceId, at, metrics } of recent) this.#live.apply(instanceId, at, metrics);
    for (const id of ids) {
      for (const sample of this.#tails.of(id)) this.#live.apply(id, sample.at, fleetOf(readingsOf(sample)));
    }
  }
}

function fleetOf(readings: Readings): Readings {
  const fleet: Readings = {};
  for (const metric of FLEET_METRICS) if (readings[metric] !== undefined) fleet[metric] = readings[metric]!;
  return fleet;
}
