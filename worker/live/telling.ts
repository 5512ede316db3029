import type { EpochMs } from "../../contract/units.ts";
import type { Changes } from "../alerts/changes.ts";
import { readSettings } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import type { D1PreparedStatement } from "../db/d1.ts";
import { Drain } from "../notify/drain.ts";
import { nextReminderAt, reminderRow, rowsFor, type Remindable } from "../notify/outbox.ts";
import { dropForHushed, insertStatements, listChannels } from "../notify/store.ts";
import type { ChannelRow, NotificationRow } from "../notify/table.ts";
import { INCIDENTS_AGAIN_AFTER_MS } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";
import { failed } from "./incident-writer.ts";

const ORIGIN = "origin";
const DRAINS_AT_ONCE = 3;
/** A request and two or three statements each, beside those that finding them takes: of 50 that an event may make on Free. */
const SENDS_PER_EVENT_MAX = 8;
/** In one transaction: a fleet's worth of them is more than one takes. */
const REMINDERS_PER_WRITE_MAX = 500;

/** What is told of incidents: the rows of the outbox, reminders, and their way out. */
export class Telling {
  readonly #db: Database;
  readonly #storage: DurableObjectStorage;
  readonly #drain: Drain;
  #channels: Promise<ChannelRow[]> | undefined;
  #origin: string | undefined;
  #dueAt: EpochMs | null = null;
  #remindAt: EpochMs | null = null;
  /** Reminders that are in the outbox already. */
  readonly #reminded = new Set<string>();
  readonly #drains = new Set<Promise<void>>();
  /** Up to when what is due is to be sent, as the last one said who asked for it. */
  #wantedFrom: EpochMs | null = null;
  /** Of an event, which is known by its time: all its drains share it. */
  #budget = { at: -1, left: 0 };

  constructor(db: Database, env: Env, storage: DurableObjectStorage) {
    this.#db = db;
    this.#storage = storage;
    this.#drain = new Drain({
      db,
      env,
      vault: vaultOf(env),
      origin: () => this.#knownOrigin(),
      allowsPrivate: async () => (await readSettings(db)).allowsPrivateTargets,
    });
  }

  /** When there is something to tell; null where nothing waits. */
  get nextAt(): EpochMs | null {
    const times = [this.#dueAt, this.#remindAt].filter((time) => time !== null);
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** Channels are others now. */
  forget(): void {
    this.#channels = undefined;
  }

  /** Where somebody uses this Nephos in a browser: where the links of what is told lead. */
  async usedAt(url: string): Promise<void> {
    const { origin } = new URL(url);
    if (origin === (await this.#knownOrigin())) return;
    this.#origin = origin;
    await this.#storage.put(ORIGIN, origin);
  }

  /** What goes into the transaction of what happened. */
  async statements({ tales, hushed }: Changes, now: EpochMs): Promise<D1PreparedStatement[]> {
    const d1 = this.#db.$client;
    const rows = tales.length > 0 ? rowsFor(tales, await this.#knownChannels(), now) : [];
    // Acknowledged, and taken back before either was written: what waited is gone, and what is put out for it stays.
    const back = new Set(tales.flatMap((one) => (one.isForNextSteps ? [one.incidentId] : [])));
    const [before, after] = [hushed.filter((id) => back.has(id)), hushed.filter((id) => !back.has(id))];
    return [...dropForHushed(d1, before, now), ...insertStatements(d1, rows), ...dropForHushed(d1, after, now)];
  }

  /** Puts out what somebody is to be reminded of by now. What cannot be written is tried again later, and holds up nothing else. */
  async remind(open: Iterable<Remindable>, now: EpochMs): Promise<void> {
    try {
      await this.#remind(open, now);
    } catch (error) {
      failed("tell", error);
      this.#remindAt = now + INCIDENTS_AGAIN_AFTER_MS;
    }
  }

  async #remind(open: Iterable<Remindable>, now: EpochMs): Promise<void> {
    this.#remindAt = null;
    const channels = (await this.#knownChannels()).filter(({ repeatMs }) => repeatMs !== null);
    const due: NotificationRow[] = [];
    for (const one of channels.length > 0 ? open : []) {
      for (const channel of channels) {
        const reminder = reminderRow(one, channel, now);
        if (reminder && !this.#reminded.has(reminder.id)) due.push(reminder);
        const next = nextReminderAt(one, channel, now);
        if (next !== null) this.#remindAt = Math.min(this.#remindAt ?? Infinity, next);
      }
    }
    for (let from = 0; from < due.length; from += REMINDERS_PER_WRITE_MAX) {
      const some = due.slice(from, from + REMINDERS_PER_WRITE_MAX);
      await this.#db.$client.batch(insertStatements(this.#db.$client, some));
      for (const { id } of some) this.#reminded.add(id);
    }
  }

  /** Sends what is due. Several at once, as one channel that hangs must not hold up what the others are to be told. Done when all are. */
  async drain(now: EpochMs): Promise<void> {
    this.#wantedFrom = Math.max(this.#wantedFrom ?? 0, now);
    if (now !== this.#budget.at) this.#budget = { at: now, left: SENDS_PER_EVENT_MAX };
    if (this.#drains.size < DRAINS_AT_ONCE) {
      const drain = this.#drainWanted(this.#budget).finally(() => this.#drains.delete(drain));
      this.#drains.add(drain);
    }
    await Promise.all(this.#drains);
  }

  async #drainWanted(budget: { left: number }): Promise<void> {
    while (this.#wantedFrom !== null) {
      const from = this.#wantedFrom;
      this.#wantedFrom = null;
      const { sent, nextAt } = await this.#drain.drain(from, budget);
      this.#dueAt = nextAt;
      if (budget.left <= 0) break;
      // What came meanwhile, for a channel that was busy then.
      if (sent > 0 && nextAt !== null && nextAt <= from) this.#wantedFrom = Math.max(this.#wantedFrom ?? 0, from);
    }
    // The rest is another event's.
    if (this.#wantedFrom !== null) this.#dueAt = Math.min(this.#dueAt ?? Infinity, this.#wantedFrom);
  }

  #knownChannels(): Promise<ChannelRow[]> {
    this.#channels ??= listChannels(this.#db).catch((error: unknown) => {
      this.#channels = undefined;
      throw error;
    });
    return this.#channels;
  }

  async #knownOrigin(): Promise<string> {
    this.#origin ??= (await this.#storage.get<string>(ORIGIN)) ?? "";
    return this.#origin;
  }
}
