import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { SEND_AGAIN_MIN_MS, SEND_FAILURES_TOLD, SEND_LEASE_MS } from "../settings.ts";
import { againAt, isGivenUp } from "./backoff.ts";
import { ChannelProblem } from "./channel.ts";
import { CHANNELS } from "./channels/index.ts";
import { afterQuietHours, digestOf, inOrder, troubleRows, waiting } from "./outbox.ts";
import * as store from "./sending-store.ts";
import { digestId, fateOf, IN_DIGEST, overtakenBy, type Drop, type Known } from "./settle.ts";
import type { Slots } from "./slots.ts";
import { afterDigest, afterSingle, isUrgent, turnOf, type Pace } from "./storm.ts";
import type { ChannelRow, NotificationRow } from "./table.ts";
import { togetherOf } from "./trouble.ts";

interface Parts {
  db: Database;
  channel: ChannelRow;
  known: Known;
  /** What it was sent lately; kept up to date. */
  pace: Pace;
  /** Sends that may still be made, by all lanes together. */
  budget: { left: number };
  /** Those that are being made at once. */
  slots: Slots;
  /** Whether that channel, another one, still does not work. */
  isBroken(channelId: string): boolean;
  /** Answers what the provider said; throws `ChannelProblem`. */
  send(row: NotificationRow): Promise<string>;
  clock(): EpochMs;
  /** In [0, 1). */
  random(): number;
}

/** One channel's notifications, one after another: it ends with the first that fails and may succeed later. */
export class Lane {
  readonly #parts: Parts;
  readonly #drops: Drop[] = [];
  pace: Pace;
  sent = 0;
  /** When to come again, beside what the database knows; null: that is all. */
  again: EpochMs | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.pace = parts.pace;
  }

  async run(due: readonly NotificationRow[]): Promise<void> {
    try {
      let rest = await this.#troubleTogether((await this.#awake(due)).toSorted(inTurn));
      while (rest.length > 0) {
        const told = await this.#next(rest);
        if (!told) return;
        rest = rest.filter((row) => !told.has(row.id) && this.#isStillWaiting(row));
      }
    } finally {
      await store.markDropped(this.#parts.db, this.#drops);
    }
  }

  /**
   * Quiet hours may have begun, or been entered, since it was put out. What was tried goes on, as the channel waits for it; and so does a
   * digest, which was made of what might be told.
   */
  async #awake(due: readonly NotificationRow[]): Promise<NotificationRow[]> {
    const { db, channel, clock } = this.#parts;
    const now = clock();
    const awake: NotificationRow[] = [];
    const asleep: { id: string; nextAt: EpochMs }[] = [];
    for (const row of due) {
      const isBegun = row.attempts > 0 || row.kind === "digest";
      const nextAt = isBegun ? now : afterQuietHours(channel, row.message.severity, now);
      if (nextAt <= now) awake.push(row);
      else {
        asleep.push({ id: row.id, nextAt });
        this.#isNow(row, "waiting", row.answer, nextAt);
      }
    }
    if (asleep.length > 0) await store.putOff(db, asleep);
    return awake;
  }

  /** Channels that do not work any more, in one message; what works again by now is not told. */
  async #troubleTogether(rows: NotificationRow[]): Promise<NotificationRow[]> {
    const { db, clock, isBroken } = this.#parts;
    const troubles = rows.filter(({ kind, attempts }) => kind === "trouble" && attempts === 0);
    const [broken, mended] = [troubles.filter(isSo), troubles.filter((row) => !isSo(row))];
    function isSo({ message: { channelIds } }: NotificationRow): boolean {
      return channelIds?.some(isBroken) ?? true;
    }
    this.#drop(mended.map((brief) => ({ brief, why: "It worked again before it was to be told." })));
    const others = rows.filter((row) => !troubles.includes(row));
    const [first] = broken;
    if (!first || broken.length === 1) return [...broken, ...others].toSorted(inTurn);
    const message = togetherOf(broken);
    const isJoined = await store.joinTrouble(db, message, broken, clock());
    return [...(isJoined ? [{ ...first, message }] : []), ...others].toSorted(inTurn);
  }

  /** What was told or dropped by now; undefined where the lane ends. */
  async #next(rest: readonly NotificationRow[]): Promise<Set<string> | undefined> {
    const { channel, clock, known } = this.#parts;
    const done = new Set<string>();
    const going: NotificationRow[] = [];
    const later: NotificationRow[] = [];
    for (const row of rest) {
      const fate = fateOf(row, known, clock());
      if (fate === "go") going.push(row);
      else if (fate === "later") later.push(row);
      else {
        this.#drop(fate);
        done.add(row.id);
      }
    }
    const [first] = going;
    if (!first) return undefined;
    if (first.attempts > 0 || first.incidentId === null || CHANNELS[channel.kind].keepsIncidents)
      return (await this.#tell(first)) ? done.add(first.id) : undefined;
    const turn = turnOf(
      this.pace,
      going.map(({ incidentId }) => incidentId!),
      going.some(isUrgent),
      clock(),
    );
    if (turn.as === "later") {
      this.again = turn.at;
      return undefined;
    }
    const incidents = new Set(going.map(({ incidentId }) => incidentId));
    if (turn.as === "digest" && incidents.size > 1) {
      // What is over before it was told is in the digest as such.
      const ends = later.filter(({ incidentId }) => incidents.has(incidentId));
      return (await this.#digest([...going, ...ends])) ? new Set(rest.map(({ id }) => id)) : undefined;
    }
    if (turn.isOver) this.pace = { ...this.pace, digests: 0 };
    if (!(await this.#tell(first, turn.as === "digest"))) return undefined;
    return done.add(first.id);
  }

  /** False where the lane ends. `isInstead`: it goes in the place of a digest. */
  async #tell(row: NotificationRow, isInstead = false): Promise<boolean> {
    const { budget, clock, slots } = this.#parts;
    if (budget.left <= 0) {
      this.again = clock();
      return false;
    }
    budget.left--;
    // Before it is claimed, and before its own time runs.
    return slots.use(() => this.#send(row, isInstead));
  }

  async #send(row: NotificationRow, isInstead: boolean): Promise<boolean> {
    const { db, clock, known, send } = this.#parts;
    // Another is at it: the channel is theirs.
    if (!(await store.claim(db, row, clock() + SEND_LEASE_MS))) return false;
    const claimed = { ...row, attempts: row.attempts + 1 };
    let answer: string;
    try {
      answer = await send(row);
    } catch (error) {
      if (!(error instanceof ChannelProblem)) throw error;
      return this.#failed(claimed, error);
    }
    const at = clock();
    await store.markSent(db, claimed, answer, at);
    this.#parts.channel.problem = null;
    this.sent++;
    this.#drop(overtakenBy(row, known));
    this.#isNow(row, "sent", answer, undefined, at);
    if (CHANNELS[this.#parts.channel.kind].keepsIncidents) return true;
    if (row.kind === "digest" || isInstead) this.pace = afterDigest(this.pace, at);
    else if (row.incidentId !== null) this.pace = afterSingle(this.pace, row.incidentId, at);
    return true;
  }

  async #digest(rows: readonly NotificationRow[]): Promise<boolean> {
    const { db, channel, clock } = this.#parts;
    const at = clock();
    const digest: NotificationRow = {
      ...waiting(channel.id, digestOf(rows), at),
      id: digestId(channel.id, at),
      kind: "digest",
    };
    if (!(await store.insertDigest(db, digest, rows))) return false;
    for (const row of rows) this.#isNow(row, "dropped", IN_DIGEST, at);
    for (const row of rows) this.#drop(overtakenBy(row, this.#parts.known));
    return this.#tell(digest);
  }

  /** Whether the lane goes on: only what is never taken does not hold up the rest. */
  async #failed(row: NotificationRow, problem: ChannelProblem): Promise<boolean> {
    const { db, channel, clock, random } = this.#parts;
    const at = clock();
    const isParked = isGivenUp(problem, row.createdAt, channel.problem?.since ?? null, at);
    await store.markFailed(
      db,
      row,
      problem.message,
      isParked ? null : againAt(row.attempts, problem, at, random()),
      at,
    );
    if (isParked) {
      this.#isNow(row, "parked", problem.message);
      // The others may have waited as long; each is tried once.
      if (!problem.isPermanent) this.again = at + SEND_AGAIN_MIN_MS;
    }
    if (problem.isPermanent || row.attempts >= SEND_FAILURES_TOLD) await this.#hasProblem(row, problem.message, at);
    return problem.isPermanent;
  }

  async #hasProblem(row: NotificationRow, message: string, at: EpochMs): Promise<void> {
    const { db, channel } = this.#parts;
    const known = channel.problem;
    if (known?.message === message) return;
    const problem = { message, since: known?.since ?? at };
    const { sound, lastToldAt } = known ? { sound: [], lastToldAt: null } : await store.soundChannels(db, channel.id);
    const told = troubleRows(channel, problem, row.message.severity, sound, at, lastToldAt);
    await store.markProblem(db, channel.id, problem, told);
    channel.problem = problem;
  }

  #drop(drops: readonly Drop[]): void {
    for (const { brief, why } of drops) {
      this.#drops.push({ brief: { ...brief }, why });
      this.#isNow(brief, "dropped", why);
    }
  }

  /** What was due beside it may have been overtaken by what was told. */
  #isStillWaiting({ id, incidentId }: NotificationRow): boolean {
    const brief = this.#parts.known.briefs.get(incidentId ?? "")?.find((one) => one.id === id);
    return brief === undefined || brief.state === "waiting";
  }

  #isNow(
    { id, incidentId }: Pick<NotificationRow, "id" | "incidentId">,
    state: NotificationRow["state"],
    answer: string | null = null,
    nextAt?: EpochMs,
    sentAt?: EpochMs,
  ): void {
    const { briefs, digests } = this.#parts.known;
    if (incidentId === null) {
      digests.set(id, state);
      return;
    }
    const brief = briefs.get(incidentId)?.find((one) => one.id === id);
    if (!brief) return;
    Object.assign(brief, {
      state,
      answer,
      ...(nextAt !== undefined && { nextAt }),
      ...(sentAt !== undefined && { sentAt }),
    });
  }
}

/** What was tried may have arrived: if it comes again, then before all else. What is about no single incident is no part of a storm. */
function inTurn(a: NotificationRow, b: NotificationRow): number {
  return (
    Number(b.attempts > 0) - Number(a.attempts > 0) ||
    Number(a.incidentId !== null) - Number(b.incidentId !== null) ||
    inOrder(a, b)
  );
}
