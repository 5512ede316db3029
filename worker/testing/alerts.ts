import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import type { Condition, SubjectScope } from "../../contract/rules.ts";
import type { Readings } from "../../contract/metric.ts";
import { insertRule } from "../alerts/rule-store.ts";
import {
  incident,
  incidentEvent,
  rule,
  type IncidentEventRow,
  type IncidentRow,
  type RuleRow,
} from "../alerts/table.ts";
import { database } from "../db/client.ts";
import { onlyShard } from "./agent-socket.ts";
import { envelope, Owner, post } from "./people.ts";

const db = database(env.DB);
const EVERYWHERE: SubjectScope = { tags: [], providers: [], regions: [], subjects: [] };
let names = 0;

/** An agent that sends one sample after the other, and what became of it. */
export class WatchedInstance {
  readonly id: string;
  readonly #secret: string;
  readonly #facts: Record<string, unknown>;
  #seq = 0;

  private constructor(id: string, secret: string, facts: Record<string, unknown>) {
    this.id = id;
    this.#secret = secret;
    this.#facts = facts;
  }

  /** A fresh one, so that no case sees another's history. */
  static async of(owner: Owner, facts: Record<string, unknown> = {}): Promise<WatchedInstance> {
    const id = `watched-${++names}`;
    return new WatchedInstance(id, (await owner.newToken(id)).secret, facts);
  }

  async sends(at: number, metrics: Readings, sentAt = Date.now()): Promise<void> {
    await this.posts(at, metrics, sentAt);
    // What is decided is written behind the answer: this waits for it.
    await onlyShard().rulesChanged();
  }

  /** Without a wait for what comes of it. */
  async posts(at: number, metrics: Readings, sentAt = Date.now()): Promise<void> {
    const samples = [{ seq: ++this.#seq, at, metrics }];
    const reply = await post(
      this.#secret,
      envelope({ id: this.id, samples, intervalMs: 30_000, sentAt, ...this.#facts }),
    );
    if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`);
  }

  async sendsAgain(at: number, metrics: Readings): Promise<void> {
    this.#seq--;
    await this.sends(at, metrics);
  }

  async incidents(): Promise<IncidentRow[]> {
    return db.select().from(incident).where(eq(incident.subject, this.id)).orderBy(incident.openedAt);
  }
}

/** What happened to an incident, in order. */
export async function eventsOf(incidentId: string): Promise<IncidentEventRow[]> {
  return db.select().from(incidentEvent).where(eq(incidentEvent.incidentId, incidentId)).orderBy(incidentEvent.number);
}

/** Makes a rule for these subjects alone, and has the shard know it. */
export async function newRule(
  condition: Condition,
  { subjects, ...more }: Partial<RuleRow> & { subjects: string[] },
): Promise<RuleRow> {
  const row: RuleRow = {
    id: `rule-${++names}`,
    name: `Rule ${names}`,
    isEnabled: true,
    isDefault: false,
    condition,
    scope: { ...EVERYWHERE, subjects },
    holdMs: 0,
    keepFiringMs: 0,
    createdAt: Date.now(),
    updatedAt: Date.now(),
    ...more,
  };
  await insertRule(db, row);
  await onlyShard().rulesChanged();
  return row;
}

/** Those that Nephos begins with say nothing from here on. */
export async function withoutDefaultRules(): Promise<void> {
  await db.update(rule).set({ isEnabled: false }).where(eq(rule.isDefault, true));
  await onlyShard().rulesChanged();
}
