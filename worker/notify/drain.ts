import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import {
  CHANNELS_AT_ONCE,
  DIGEST_PAUSES_MS,
  DUE_PER_CHANNEL_MAX,
  SEND_AGAIN_MIN_MS,
  SEND_TIMEOUT_MS,
  SENDS_PER_DRAIN_MAX,
} from "../settings.ts";
import type { Vault } from "../vault/vault.ts";
import type { Surroundings, VapidKeys } from "./channel.ts";
import { CHANNELS } from "./channels/index.ts";
import { compose } from "./compose.ts";
import { configOf, deliver } from "./delivery.ts";
import { Lane } from "./lane.ts";
import * as sending from "./sending-store.ts";
import { digestId, IN_DIGEST, type Known } from "./settle.ts";
import { Slots } from "./slots.ts";
import { listChannels } from "./store.ts";
import { CALM, holdsUntil, paceOf, type Pace } from "./storm.ts";
import type { ChannelRow, NotificationRow } from "./table.ts";
import { vapidKeys } from "./vapid.ts";

interface Parts {
  db: Database;
  env: Surroundings["env"];
  vault: Vault;
  /** Where this Nephos is, for the links: `https://nephos.example.com`; empty where that is not known. Asked once per drain that sends. */
  origin(): Promise<string>;
  /** Whether the owner allows addresses inside private networks. Asked as often. */
  allowsPrivate(): Promise<boolean>;
  timeoutMs?: DurationMs;
  /** In [0, 1). */
  random?(): number;
}

/** What is told matters more than its link. Leads nowhere (RFC 2606). */
const UNKNOWN_ORIGIN = "https://nephos.invalid";

/**
 * Sends what is due: channels beside each other, each channel's notifications one after another. Each is claimed before it is sent and
 * written down afterwards, so that two at work do not send it twice, and whoever is killed between leaves it to be sent again.
 */
export class Drain {
  readonly #parts: Parts;
  /** What each channel was sent lately. Null: not read yet. */
  #paces: Map<string, Pace> | null = null;
  /** Of all that are at work at once: with more, one that works would wait for those that hang, within the time that it has itself. */
  readonly #slots = new Slots(CHANNELS_AT_ONCE);
  #vapid: Promise<VapidKeys> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * How many went out, and when to come again; null where nothing waits. `budget`: sends that may be made; others that are at work may
   * share it.
   */
  async drain(
    now: EpochMs,
    budget: { left: number } = { left: SENDS_PER_DRAIN_MAX },
  ): Promise<{ sent: number; nextAt: EpochMs | null }> {
    const { db } = this.#parts;
    const due = await sending.dueNotifications(db, now, DUE_PER_CHANNEL_MAX, this.#held(now));
    const lanes = due.length > 0 ? await this.#sendAll(due, budget, now) : { sent: 0, again: [] };
    const holds = [...(this.#paces?.values() ?? [])].flatMap((pace) => [
      holdsUntil(pace, now, true),
      holdsUntil(pace, now),
    ]);
    // What came while this was at work found its channel busy: nobody else will look at it.
    const nextDueAt = await sending.nextDueAt(db, now, this.#held(now));
    const times = [nextDueAt, ...lanes.again, ...holds].filter((time) => time !== null);
    return { sent: lanes.sent, nextAt: times.length > 0 ? Math.min(...times) : null };
  }

  #held(now: EpochMs): sending.Held {
    const paces = [...(this.#paces ?? [])].filter(([, pace]) => holdsUntil(pace, now) !== null);
    const isHard = ([, pace]: [string, Pace]) => holdsUntil(pace, now, true) !== null;
    return {
      evenIfUrgent: paces.filter(isHard).map(([id]) => id),
      unlessUrgent: paces.filter((one) => !isHard(one)).map(([id]) => id),
    };
  }

  async #sendAll(
    due: readonly NotificationRow[],
    budget: { left: number },
    now: EpochMs,
  ): Promise<{ sent: number; again: EpochMs[] }> {
    const { db } = this.#parts;
    const begun = Date.now();
    const clock = () => now + (Date.now() - begun);
    const channels = new Map((await listChannels(db)).map((channel) => [channel.id, channel]));
    const paces = await this.#readPaces(channels, now);
    const byChannel = Map.groupBy(due, ({ channelId }) => channelId);
    const lost = [...byChannel.keys()].filter((id) => !channels.get(id)?.isEnabled);
    for (const id of lost) {
      const why = channels.has(id) ? "The channel was switched off." : "The channel was removed.";
      await sending.dropAll(db, byChannel.get(id)!, why);
      byChannel.delete(id);
    }
    const wayOut = await this.#wayOut(byChannel.size > 0);
    const knownOf = await this.#known([...byChannel.values()].flat());
    const isBroken = (id: string) => (channels.get(id)?.isEnabled && channels.get(id)?.problem) != null;
    const again: EpochMs[] = [];
    let sent = 0;
    const queue = [...byChannel];
    const work = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [id, rows] = next;
        const channel = channels.get(id)!;
        const pace = paces.get(id) ?? CALM;
        const send = this.#sender(channel, wayOut, clock);
        const random = this.#parts.random ?? Math.random;
        const known = knownOf(channel);
        const slots = this.#slots;
        const lane = new Lane({ db, channel, known, pace, budget, slots, isBroken, send, clock, random });
        try {
          await lane.run(rows);
        } catch (error) {
          log({ event: "alerting_failed", what: "drain", message: messageOf(error) });
          again.push(clock() + SEND_AGAIN_MIN_MS);
        }
        paces.set(id, lane.pace);
        sent += lane.sent;
        if (lane.again !== null) again.push(lane.again);
      }
    };
    await Promise.all(Array.from({ length: CHANNELS_AT_ONCE }, work));
    return { sent, again };
  }

  #sender(
    channel: ChannelRow,
    { origin, allowsPrivate }: { origin: string; allowsPrivate: boolean },
    clock: () => EpochMs,
  ) {
    const { db, env, vault, timeoutMs = SEND_TIMEOUT_MS } = this.#parts;
    return async (row: NotificationRow) => {
      const config = await configOf(channel, vault);
      const message = compose(row, origin, clock());
      const vapid = () => this.#vapidKeys();
      return deliver(message, config, { env, db, vault, allowsPrivate, timeoutMs, vapid }, clock());
    };
  }

  async #wayOut(isNeeded: boolean): Promise<{ origin: string; allowsPrivate: boolean }> {
    if (!isNeeded) return { origin: "", allowsPrivate: false };
    const [origin, allowsPrivate] = await Promise.all([this.#parts.origin(), this.#parts.allowsPrivate()]);
    return { origin: origin === "" ? UNKNOWN_ORIGIN : origin, allowsPrivate };
  }

  #vapidKeys(): Promise<VapidKeys> {
    const { db, vault } = this.#parts;
    this.#vapid ??= vapidKeys(db, vault).catch((error: unknown) => {
      this.#vapid = undefined;
      throw error;
    });
    return this.#vapid;
  }

  /** Channels that keep incidents of their own have none. */
  async #readPaces(channels: ReadonlyMap<string, ChannelRow>, now: EpochMs): Promise<Map<string, Pace>> {
    if (this.#paces) return this.#paces;
    const sent = await sending.sentSince(this.#parts.db, now - 3 * DIGEST_PAUSES_MS.at(-1)!);
    const paces = new Map<string, Pace>();
    for (const [id, rows] of Map.groupBy(sent, ({ channelId }) => channelId)) {
      const channel = channels.get(id);
      if (channel && !CHANNELS[channel.kind].keepsIncidents) paces.set(id, paceOf(rows));
    }
    return (this.#paces ??= paces);
  }

  /** What else was to be told of the same incidents. */
  async #known(due: readonly NotificationRow[]): Promise<(channel: ChannelRow) => Known> {
    const { db } = this.#parts;
    const ids = [...new Set(due.flatMap(({ incidentId }) => (incidentId === null ? [] : [incidentId])))];
    const briefs = ids.length > 0 ? await sending.briefsOf(db, ids) : [];
    const inDigests = briefs.filter(({ answer }) => answer === IN_DIGEST);
    const digests = await sending.statesOf(db, [
      ...new Set(inDigests.map(({ channelId, nextAt }) => digestId(channelId, nextAt))),
    ]);
    const over = await sending.overAmong(db, ids);
    const byChannel = Map.groupBy(briefs, ({ channelId }) => channelId);
    return ({ id, tellsResolved }) => ({
      briefs: Map.groupBy(byChannel.get(id) ?? [], ({ incidentId }) => incidentId!),
      digests,
      over,
      tellsResolved,
    });
  }
}
