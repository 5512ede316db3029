import type { Incident } from "../../../contract/incidents.ts";
import type { Insight } from "../../../contract/insights.ts";
import type { Readings } from "../../../contract/metric.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { UPTIME_SPANS } from "../../../contract/uptime.ts";
import type { Uptime } from "../../../contract/verdict.ts";
import { findIncidents, findSeen, incidentEventsOf, membersOf } from "../../alerts/incident-queries.ts";
import { listSilences } from "../../alerts/silence-store.ts";
import type { UptimeDay } from "../../checks/table.ts";
import type { UptimeState } from "../../checks/uptime.ts";
import { readUptime } from "../../checks/uptime-store.ts";
import type { Database } from "../../db/client.ts";
import { packKey } from "../../series/packed.ts";
import { readWindow, tierFor, type Held } from "../../series/query.ts";
import { readReach, type Reach } from "../../series/ring-store.ts";
import type { Window } from "../../series/window.ts";
import {
  UPTIME_SUBJECTS_MAX,
  WINDOW_SUBJECTS_MAX,
  type AskReader,
  type KnownFleet,
  type KnownIncident,
  type KnownSilence,
} from "./ask-reader.ts";
import { DAY_MS } from "./calendar.ts";
import { readFleet } from "./fleet-store.ts";
import { eventsFor, forecastsOf, incidentIdsFor, insightsFor } from "./past-store.ts";
import { silenceSeen } from "./silences-seen.ts";

/** What the database does not know, from where it is known. */
export interface Surroundings {
  db: Database;
  /** What whoever asks is limited to; null: the whole fleet. */
  tags: readonly string[] | null;
  /** The last sample of each of these instances, from the shard's picture of the fleet: when, and the fleet metrics. Whoever is unknown is absent. */
  latest(ids: readonly string[]): Promise<ReadonlyMap<string, { lastSampleAt: EpochMs | null; latest: Readings }>>;
  /** As for every window: samples that no block has yet, and which hours are not rolled. */
  held(ids: string[], packedKeys: string[]): Promise<Held>;
  /** Of these instances and checks the days that are not stored yet, from the sentinel's memory. */
  running(ids: readonly string[]): Promise<ReadonlyMap<string, UptimeState>>;
}

const MEMBERS_MAX = 50;
/** Some 3 to 11 kB each. */
const UPTIMES_PER_READ = 250;

/**
 * Reads for one question of one person, and sees what they may see: the fleet is narrowed by their tags first, and every other method
 * reads of what is left of it. The fleet is read once.
 */
export class DatabaseReader implements AskReader {
  readonly #around: Surroundings;
  readonly #now: EpochMs;
  #fleet: Promise<KnownFleet> | undefined;
  #reach: Promise<Reach> | undefined;

  constructor(around: Surroundings, now: EpochMs) {
    this.#around = around;
    this.#now = now;
  }

  fleet(): Promise<KnownFleet> {
    return (this.#fleet ??= this.#readFleet());
  }

  async #readFleet(): Promise<KnownFleet> {
    const { instances, checks } = await readFleet(this.#around.db, this.#around.tags);
    const sending = instances.filter(({ intervalMs }) => intervalMs > 0).map(({ id }) => id);
    const known = sending.length > 0 ? await this.#around.latest(sending) : new Map();
    const unheard = { lastSampleAt: null, latest: {} };
    return { instances: instances.map((one) => ({ ...one, ...(known.get(one.id) ?? unheard) })), checks };
  }

  async insights(asked: Parameters<AskReader["insights"]>[0]): Promise<Insight[]> {
    const subjects = asked.subjects && (await this.#withChecks(asked.subjects));
    return insightsFor(this.#around.db, { ...asked, subjects }, this.#around.tags, this.#now);
  }

  async forecasts(ids: readonly string[]): Promise<{ count: number; oldestAt: EpochMs | null }> {
    return forecastsOf(this.#around.db, await this.#visible(ids));
  }

  async incidents(asked: Parameters<AskReader["incidents"]>[0]): Promise<{ incidents: Incident[]; total: number }> {
    const { db, tags } = this.#around;
    const subjects = asked.subjects && (await this.#withChecks(asked.subjects));
    const { ids, total } = await incidentIdsFor(db, { ...asked, subjects }, tags);
    return { incidents: await findIncidents(db, ids, tags), total };
  }

  async incident(id: string): Promise<KnownIncident | null> {
    const { db, tags } = this.#around;
    const [seen] = await findSeen(db, [id], tags);
    if (!seen) return null;
    const members = await membersOf(db, id, tags);
    // Of those with hidden members the events tell of these too.
    const events = seen.isWhole ? (await incidentEventsOf(db, id)).toReversed() : [];
    return { incident: seen.incident, members: members.slice(0, MEMBERS_MAX), events };
  }

  async events({ within, subjects, max }: Parameters<AskReader["events"]>[0]) {
    const ids = await this.#visible(subjects);
    return ids.length === 0 ? [] : eventsFor(this.#around.db, ids, within, max);
  }

  async silences({ within, subjects }: Parameters<AskReader["silences"]>[0]): Promise<KnownSilence[]> {
    const [rows, fleet] = await Promise.all([listSilences(this.#around.db), this.fleet()]);
    return rows.flatMap((row) => silenceSeen(row, fleet, subjects, within, this.#now) ?? []);
  }

  async windows({
    ids,
    keys,
    from,
    to,
    points,
  }: Parameters<AskReader["windows"]>[0]): Promise<ReadonlyMap<string, Window>> {
    const { db, held } = this.#around;
    const instanceIds = (await this.#visible(ids, "with checks")).slice(0, WINDOW_SUBJECTS_MAX);
    const end = Math.min(to, this.#now);
    if (instanceIds.length === 0 || keys.length === 0 || from >= end) return new Map();
    const waiting = await held([...instanceIds], keys.map(packKey));
    const reach = await (this.#reach ??= readReach(db));
    const asked = { instanceIds, keys, from, to: end, points };
    const { windows } = await readWindow(db, tierFor(asked, reach, this.#now), asked, waiting, reach, this.#now);
    return windows;
  }

  async uptime({ ids, fromDay, toDay }: Parameters<AskReader["uptime"]>[0]): Promise<ReadonlyMap<string, Uptime>> {
    const subjects = (await this.#visible(ids, "with checks")).slice(0, UPTIME_SUBJECTS_MAX);
    const isLong = fromDay <= Math.floor(this.#now / DAY_MS) - UPTIME_SPANS.quarter;
    const { db, running } = this.#around;
    const states = await running(subjects);
    const sums = new Map<string, Uptime>();
    // Added up here: D1 counts every day that a query unpacks as a row, 90 for each subject.
    for (let first = 0; first < subjects.length; first += UPTIMES_PER_READ) {
      const some = subjects.slice(first, first + UPTIMES_PER_READ);
      const kept = await readUptime(db, some, isLong);
      for (const id of some) {
        const { recent = [], older = [] } = kept.get(id) ?? {};
        const state = states.get(id);
        for (const day of [...older, ...recent, ...(state ? [...state.finished, state.today] : [])])
          if (day[0] >= fromDay && day[0] <= toDay) sums.set(id, withDay(sums.get(id), day));
      }
    }
    return sums;
  }

  /** Those of these that may be seen; null: all that may be. */
  async #visible(ids: readonly string[] | null, what: "instances" | "with checks" = "instances"): Promise<string[]> {
    const { instances, checks } = await this.fleet();
    const all = [...instances, ...(what === "with checks" ? checks : [])].map(({ id }) => id);
    if (ids === null) return all;
    const seen = new Set(all);
    return [...new Set(ids)].filter((id) => seen.has(id));
  }

  /** Those of these that may be seen, with the checks that look at them. */
  async #withChecks(ids: readonly string[]): Promise<string[]> {
    const seen = new Set(await this.#visible(ids, "with checks"));
    const { checks } = await this.fleet();
    for (const { id, instanceId } of checks) if (instanceId !== null && seen.has(instanceId)) seen.add(id);
    return [...seen];
  }
}

function withDay(sum: Uptime | undefined, [, up, degraded, down, unknown]: UptimeDay): Uptime {
  return {
    upSeconds: (sum?.upSeconds ?? 0) + up,
    degradedSeconds: (sum?.degradedSeconds ?? 0) + degraded,
    downSeconds: (sum?.downSeconds ?? 0) + down,
    unknownSeconds: (sum?.unknownSeconds ?? 0) + unknown,
  };
}
