import type { EpochMs } from "../../contract/units.ts";
import { IncidentBook } from "../../worker/alerts/book.ts";
import type { Changes } from "../../worker/alerts/changes.ts";
import { Evaluation, type Decision } from "../../worker/alerts/evaluation.ts";
import type { News, Trouble } from "../../worker/alerts/held.ts";
import { writeChanges } from "../../worker/alerts/incident-store.ts";
import { reasonOf, type Heard } from "../../worker/alerts/reason.ts";
import { listOverrides, listRules } from "../../worker/alerts/rule-store.ts";
import { listSilences } from "../../worker/alerts/silence-store.ts";
import {
  incident,
  type IncidentRow,
  type RuleOverrideRow,
  type RuleRow,
  type SilenceRow,
} from "../../worker/alerts/table.ts";
import { hashOf } from "../../worker/auth/secret.ts";
import type { Database } from "../../worker/db/client.ts";
import { listInstances } from "../../worker/instances/store.ts";
import { coversSubject } from "../../worker/notify/scope.ts";
import { insertStatements, listChannels } from "../../worker/notify/store.ts";
import { isActive } from "../../worker/notify/windows.ts";
import { acknowledgementOf } from "./acknowledgements.ts";
import { readingsOf, type Reading, type Watched } from "./incident-readings.ts";
import { pastNotifications } from "./told-past.ts";

/**
 * What Nephos would have made of the weeks before the demo began, by the same rules: incidents, and what was told of them. Of what is open
 * then the shard learns when it begins. Only where nothing is known yet.
 */
export async function fillIncidents(db: Database, watched: Omit<Watched, "rows">): Promise<void> {
  if ((await db.$count(incident)) > 0) return;
  const { bornAt } = watched;
  const [all, rules, overrides, silences, channels] = await Promise.all([
    listInstances(db),
    listRules(db),
    listOverrides(db),
    listSilences(db),
    listChannels(db),
  ]);
  // Not those that somebody has added since.
  const rows = all.filter(({ cloud, firstSeenAt }) => cloud !== null && firstSeenAt < bornAt);
  const changes = replay(readingsOf({ ...watched, rows }), { rules, overrides, silences }, bornAt);
  const told = pastNotifications(changes, channels, bornAt);
  const d1 = db.$client;
  await writeChanges(db, changes, [...insertStatements(d1, told), d1.prepare(LAST_SENT)]);
}

const LAST_SENT =
  "UPDATE channel SET last_sent_at = (SELECT max(sent_at) FROM notification WHERE channel_id = channel.id AND state = 'sent')";

interface Surroundings {
  rules: readonly RuleRow[];
  overrides: readonly RuleOverrideRow[];
  silences: readonly SilenceRow[];
}

/** All that changed by the end, as one write. The same readings make the same incidents, with the same ids. */
export function replay(
  readings: readonly Reading[],
  { rules, overrides, silences }: Surroundings,
  bornAt: EpochMs,
): Changes {
  const evaluation = new Evaluation();
  evaluation.setRules(rules, overrides);
  let count = 0;
  const book = new IncidentBook(() => hashOf(`demo incident ${bornAt} ${count++}`).slice(0, 32));
  const people = new Desk(book, bornAt);
  for (const [at, moment] of Map.groupBy(readings, ({ at }) => at)) {
    people.actUntil(at);
    const decided = decisionsOf(moment, evaluation);
    if (decided.length === 0) continue;
    const of = (...transitions: Decision["transition"][]) =>
      decided.filter(({ decision }) => transitions.includes(decision.transition));
    book.resolve(of("resolve").map(newsOf), at);
    book.changeSeverity(of("worsen", "ease").map(newsOf), at);
    book.fire(
      of("fire").map((one) => troubleOf(one, silences)),
      at,
    );
    people.look(at);
  }
  people.actUntil(bornAt);
  return allOf(book);
}

interface Decided {
  decision: Decision;
  heard: Heard;
}

function decisionsOf(moment: readonly Reading[], evaluation: Evaluation): Decided[] {
  return moment.flatMap(({ heard, read }) => {
    const decisions: Decision[] = [];
    read(evaluation, decisions);
    return decisions.map((decision) => ({ decision, heard }));
  });
}

function newsOf({ decision, heard }: Decided): News {
  const { rule, subject, at, severity, value, threshold } = decision;
  return { ruleId: rule.id, subject: subject.id, at, severity, value, threshold, reason: reasonOf(decision, heard) };
}

function troubleOf(decided: Decided, silences: readonly SilenceRow[]): Trouble {
  const { rule, subject, at } = decided.decision;
  const { name, instanceId, place, facts } = subject;
  const isSilenced = silences.some(
    ({ ruleIds, scope, when, createdAt }) =>
      createdAt <= at &&
      (ruleIds.length === 0 || ruleIds.includes(rule.id)) &&
      coversSubject(scope, facts) &&
      isActive(when, at),
  );
  const said = { name, instanceId, place, facts, isSilenced };
  return { ...newsOf(decided), ...said, kind: rule.condition.kind, ruleName: rule.name };
}

/** The people who have seen what opened, and act on some of it a while later. */
class Desk {
  readonly #book: IncidentBook;
  readonly #bornAt: EpochMs;
  readonly #seen = new Set<string>();
  #due: { id: string; at: EpochMs; by: string; note: string }[] = [];

  constructor(book: IncidentBook, bornAt: EpochMs) {
    this.#book = book;
    this.#bornAt = bornAt;
  }

  look(at: EpochMs): void {
    const fresh = this.#book.openRows().filter(({ id }: IncidentRow) => !this.#seen.has(id));
    for (const row of fresh) {
      this.#seen.add(row.id);
      const acknowledgement = acknowledgementOf(row, this.#bornAt);
      if (acknowledgement) this.#due.push({ ...acknowledgement, id: row.id, at: at + acknowledgement.afterMs });
    }
  }

  actUntil(now: EpochMs): void {
    const due = this.#due.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#due = this.#due.filter(({ at }) => at > now);
    for (const { id, at, by, note } of due) this.#book.act(id, "acknowledge", by, note, at);
  }
}

function allOf({ changes }: IncidentBook): Changes {
  const all: Changes = { incidents: [], members: [], events: [], tales: [], hushed: [] };
  while (changes.size > 0) {
    const some = changes.take();
    all.incidents.push(...some.incidents);
    all.members.push(...some.members);
    all.events.push(...some.events);
    all.tales.push(...some.tales);
    all.hushed.push(...some.hushed);
  }
  return all;
}
