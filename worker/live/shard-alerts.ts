import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { InstanceRow } from "../instances/table.ts";
import { Alerting } from "./alerting.ts";
import { failed } from "./incident-writer.ts";
import type { LiveState } from "./live-state.ts";
import { LookingBack } from "./looking-back.ts";
import { StoredStandings } from "./standings.ts";
import type { Tails } from "./tails.ts";
import { Telling } from "./telling.ts";
import type { Viewers } from "./viewers.ts";

interface Parts {
  state: DurableObjectState;
  env: Env;
  db: Database;
  live: LiveState;
  viewers: Viewers;
  tails: Tails;
  rowOf(instanceId: string): InstanceRow | undefined;
  fill(now: EpochMs): Promise<void>;
}

/** Rules and notifications of a shard, with the alarm for what nobody's message brings. */
export class ShardAlerts {
  readonly alerting: Alerting;
  readonly telling: Telling;
  readonly #state: DurableObjectState;

  constructor({ state, env, db, live, viewers, tails, rowOf, fill }: Parts) {
    this.#state = state;
    this.telling = new Telling(db, env, state.storage);
    this.alerting = new Alerting({
      db,
      live,
      rowOf,
      fill,
      lookingBack: new LookingBack(db, tails),
      standings: new StoredStandings(state.storage),
      telling: this.telling,
      shown: (incident, members, now) => viewers.broadcastIncident(incident, members, now),
      waitUntil: (work) => this.later(() => work),
    });
  }

  /** Something that may leave more to be done later. */
  async run<Result>(work: (alerting: Alerting) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.alerting);
    } finally {
      await this.#wake();
    }
  }

  /** As {@link run}, where whoever asks has done what matters to them already: a failure is noted, and found again by a sweep. */
  async try(work: (alerting: Alerting) => Promise<unknown>): Promise<void> {
    await this.run(work).catch((error: unknown) => failed("decide", error));
  }

  /** As {@link try}, behind the answer. */
  later(work: (alerting: Alerting) => Promise<unknown>): void {
    this.#state.waitUntil(this.try(work));
  }

  /** The alarm for what is due next; one that is set for earlier stays, and finds nothing. */
  async #wake(): Promise<void> {
    const now = Date.now();
    const at = this.alerting.nextAt(now);
    if (at === null) return;
    const set = await this.#state.storage.getAlarm();
    if (set === null || set > at || set <= now) await this.#state.storage.setAlarm(at);
  }
}
