import { beforeEach, describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import type { ReceiverFault } from "../../tests/outside/channels/receiver.ts";
import { emptyOutbox, newDrain, newWebhook, outbox, outboxDb, puts, putIncident, T0, told } from "../testing/outbox.ts";
import { seeds } from "../testing/seeds.ts";
import { inOrder, type Told } from "./outbox.ts";
import { claim } from "./sending-store.ts";
import { digestId, IN_DIGEST } from "./settle.ts";
import { changeChannel, dropForHushed } from "./store.ts";
import type { ChannelRow, NotificationRow } from "./table.ts";

const MINUTE = 60_000;
const STEPS = 60;
const INCIDENTS = 12;
const FAULTS: (ReceiverFault | null)[] = [
  null,
  null,
  null,
  { kind: "failing", status: 503 },
  { kind: "too_often", retryAfterSeconds: 20 },
  { kind: "gone" },
  { kind: "cut" },
  { kind: "silent" },
];
const QUIET = {
  kind: "weekly",
  days: [1],
  from: "12:20",
  to: "12:50",
  timeZone: "UTC",
  letsCriticalThrough: true,
} satisfies ChannelRow["quietHours"];

type Hook = Awaited<ReturnType<typeof newWebhook>>;

/** An incident that opens, gets worse, grows, is acknowledged and given back, ends and comes back, as chance has it. */
class SimulatedIncident {
  readonly id: string;
  #number = 0;
  #isOpen = false;
  #isCritical = false;
  #isAcknowledged = false;
  /** What happened while somebody was at it, without its end. */
  readonly attended = new Set<number>();

  constructor(id: string) {
    this.id = id;
  }

  async happens(chance: Chance, now: number): Promise<void> {
    let kind: Told["kind"];
    if (!this.#isOpen) kind = this.#number === 0 ? "firing" : "reopened";
    else if (chance.happens(0.45)) kind = "resolved";
    else kind = this.#isCritical || chance.happens(0.5) ? "members" : "worsened";
    this.#isCritical = kind === "worsened" || (this.#isOpen ? this.#isCritical : chance.happens(0.5));
    this.#isOpen = kind !== "resolved";
    this.#isAcknowledged &&= kind !== "resolved" && kind !== "reopened";
    await putIncident(this.id, this.#isOpen ? "open" : "resolved");
    if (this.#isAcknowledged) this.attended.add(this.#number + 1);
    await puts([{ ...this.#tale(kind, now), isAcknowledged: this.#isAcknowledged }], now);
  }

  /** Somebody is at it, or not any more. */
  async isAttended(now: number): Promise<void> {
    if (!this.#isOpen) return;
    this.#isAcknowledged = !this.#isAcknowledged;
    if (this.#isAcknowledged) await outboxDb.$client.batch(dropForHushed(outboxDb.$client, [this.id], now));
    else await puts([{ ...this.#tale("firing", now), isForNextSteps: true }], now);
  }

  #tale(kind: Told["kind"], now: number): Told {
    const severity = this.#isCritical ? "critical" : "warning";
    return told(this.id, ++this.#number, kind, { severity, at: now });
  }
}

async function simulated(chance: Chance) {
  const hooks = [
    await newWebhook("plain"),
    await newWebhook("escalation", { afterMs: 3 * MINUTE }),
    await newWebhook("quiet", { quietHours: QUIET }),
    await newWebhook("grave", { minSeverity: "critical", tellsResolved: chance.happens(0.5) }),
  ];
  const incidents = Array.from({ length: INCIDENTS }, (_, index) => new SimulatedIncident(`web-${index}`));
  let drain = newDrain({ timeoutMs: 60, random: () => chance.next() });
  let now = T0;
  for (let step = 0; step < STEPS; step++) {
    now += Math.round(chance.between(100, chance.happens(0.2) ? 8 * MINUTE : 20_000));
    if (chance.happens(0.15)) await chance.pick(hooks).break(chance.pick(FAULTS));
    const count = chance.happens(0.1) ? INCIDENTS : chance.below(3);
    for (const one of chance.shuffled(incidents).slice(0, count)) await one.happens(chance, now);
    if (chance.happens(0.15)) await chance.pick(incidents).isAttended(now);
    if (chance.happens(0.1))
      await changeChannel(outboxDb, "quiet", { quietHours: chance.happens(0.5) ? { ...QUIET, from: "12:00" } : QUIET });
    // Killed while it sends: what it had claimed stays behind.
    if (chance.happens(0.1)) {
      const waiting = (await outbox()).filter(({ state, channelId }) => state === "waiting" && channelId === "plain");
      const isBusy = waiting.some(({ attempts, nextAt }) => attempts > 0 && nextAt > now);
      const [first] = waiting.filter(({ kind, nextAt }) => nextAt <= now && kind !== "resolved").sort(inOrder);
      if (first && !isBusy) await claim(outboxDb, first, now + MINUTE);
      drain = newDrain({ timeoutMs: 60, random: () => chance.next() });
    }
    const others = chance.happens(0.2) ? [newDrain({ timeoutMs: 60 }).drain(now)] : [];
    const meanwhile = chance.happens(0.2) ? [chance.pick(incidents).happens(chance, now)] : [];
    await Promise.all([drain.drain(now, { left: 8 }), ...others, ...meanwhile]);
  }
  for (const hook of hooks) await hook.break(null);
  for (let next: number | null = now; next !== null;)
    ({ nextAt: next } = await drain.drain(Math.max(next, (now += 1_000))));
  return { hooks, incidents };
}

/** What a receiver was told of each incident, a repetition left out: events' numbers, and whether that was its end. */
function heard(ids: readonly string[], rows: ReadonlyMap<string, NotificationRow>) {
  const of = new Map<string, { number: number; isResolved: boolean; isDigest: boolean }[]>();
  const add = (incident: string, number: number, isResolved: boolean, isDigest: boolean) =>
    of.set(incident, [...(of.get(incident) ?? []), { number, isResolved, isDigest }]);
  for (const id of new Set(ids)) {
    const { kind, incidentId, eventNumber, message } = rows.get(id)!;
    if (kind === "digest") {
      for (const one of message.incidents!) {
        const replaced = [...rows.values()].filter(
          (row) => row.incidentId === one.id && row.answer === IN_DIGEST && digestId(row.channelId, row.nextAt) === id,
        );
        const isAlsoBegin = replaced.some((row) => row.kind !== "resolved");
        if (one.isResolved && isAlsoBegin)
          add(one.id, Math.min(...replaced.map((row) => row.eventNumber)), false, true);
        add(one.id, Math.max(...replaced.map((row) => row.eventNumber)), one.isResolved, true);
      }
    } else if (kind !== "trouble") add(incidentId!, eventNumber, kind === "resolved", false);
  }
  return of;
}

async function holds({ hooks, incidents }: { hooks: readonly Hook[]; incidents: readonly SimulatedIncident[] }) {
  const all = await outbox();
  const rows = new Map(all.map((row) => [row.id, row]));
  for (const row of all) {
    expect(row.state, row.id).not.toBe("waiting");
    expect(row.answer, row.id).toMatch(/\S/);
  }
  for (const { id, attended } of incidents) {
    const rows = all.filter(({ incidentId, channelId }) => incidentId === id && channelId === "escalation");
    for (const { eventNumber } of rows) expect(attended.has(eventNumber), `${id} ${eventNumber}`).toBe(false);
  }
  for (const hook of hooks) {
    const { complaints } = await hook.told();
    expect(complaints).toEqual([]);
    const came = await hook.came();
    // Where an answer did not arrive, the same one may come again, but only before anything else.
    const again = came.filter((id, index) => came.indexOf(id) !== index && came[index - 1] !== id);
    expect(again, hook.id).toEqual([]);
    for (const { id, channelId, state } of all) {
      if (channelId === hook.id && state === "sent") expect(came, id).toContain(id);
    }
    for (const [incident, events] of heard(came, rows)) {
      const numbers = events.map(({ number }) => number);
      expect(numbers, `${hook.id} ${incident}`).toEqual(numbers.toSorted((a, b) => a - b));
    }
    // What came, but whose answer was lost until it was given up, was not told for all that can be known here.
    const known = came.filter((id) => rows.get(id)!.state === "sent");
    for (const [incident, events] of heard(known, rows)) {
      events.forEach(({ isResolved }, index) => {
        if (!isResolved) return;
        const before = events[index - 1];
        expect(before !== undefined && !before.isResolved, `${hook.id} ${incident}: ${JSON.stringify(events)}`).toBe(
          true,
        );
      });
    }
  }
}

describe.each(seeds(2))("the outbox under everything at once, seed %i", (seed) => {
  beforeEach(emptyOutbox);

  it("keeps its order, tells no end without a beginning and leaves nothing without a reason", async () => {
    await holds(await simulated(new Chance(seed)));
  }, 120_000);
});
