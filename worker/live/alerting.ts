import type { RuleState as ShownState } from "../../contract/rules.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { IncidentBook } from "../alerts/book.ts";
import { Evaluation, type Decision } from "../alerts/evaluation.ts";
import { readStanding } from "../alerts/incident-store.ts";
import { explainedMetric, providerReading, silenceReading, verdictReading } from "../alerts/measure.ts";
import type { Heard } from "../alerts/reason.ts";
import { listOverrides, listRules } from "../alerts/rule-store.ts";
import { listSilences } from "../alerts/silence-store.ts";
import type { IncidentMemberRow, IncidentRow, SilenceRow } from "../alerts/table.ts";
import type { Database } from "../db/client.ts";
import type { InstanceRow } from "../instances/table.ts";
import { coversSubject, type SubjectFacts } from "../notify/scope.ts";
import { isActive } from "../notify/windows.ts";
import { packKey } from "../series/packed.ts";
import { CLOCK_STEPPED_MS, READING_LATE_MAX_MS, READINGS_WAITING_MAX } from "../settings.ts";
import { HeardBefore } from "./heard-before.ts";
import { failed, IncidentWriter } from "./incident-writer.ts";
import { BookKeeper } from "./book-keeper.ts";
import type { IncomingSample } from "./incoming.ts";
import { onOurClock, type LiveState } from "./live-state.ts";
import type { LookingBack } from "./looking-back.ts";
import { Patience } from "./patience.ts";
import { nextSilenceAt } from "./silence-due.ts";
import { isGone, isStillWatched } from "./still-watched.ts";
import { shownStates } from "./rule-states.ts";
import type { Observation } from "./observed.ts";
import { Subjects } from "./subjects.ts";
import type { StoredStandings } from "./standings.ts";
import type { Telling } from "./telling.ts";
import { Undecided, type HeardBySubject } from "./undecided.ts";

/** What a person does with incidents. */
export interface IncidentAction {
  ids: string[];
  action: "acknowledge" | "unacknowledge" | "note" | "resolve";
  note: string | null;
  actor: string;
}

/** How long until it is full; null where nothing says that it will be. */
export interface Forecast {
  subject: string;
  metric: string;
  inMs: DurationMs | null;
}

interface Parts {
  db: Database;
  live: LiveState;
  standings: StoredStandings;
  telling: Telling;
  /** Of an instance that has just spoken too, whether or not the fleet's rows have been read. */
  rowOf(instanceId: string): InstanceRow | undefined;
  /** Reads the fleet's rows, where that has not been done. */
  fill(now: EpochMs): Promise<void>;
  lookingBack: LookingBack;
  /** Tells whoever looks. */
  shown(incident: IncidentRow, members: readonly IncidentMemberRow[], now: EpochMs): void;
  /** Keeps the object awake until it is done. */
  waitUntil(work: Promise<unknown>): void;
}

/** What an agent sent while the rules were being read. */
type Early = [instanceId: string, at: EpochMs, sample: Pick<IncomingSample, "keys" | "values">];

/** Holds every rule against what comes in, and makes incidents of it: each change is written once, with what is to be told of it. */
export class Alerting {
  readonly #parts: Parts;
  readonly #evaluation = new Evaluation();
  readonly #book = new IncidentBook(undefined, (row) => explainedMetric(row, this.#evaluation.conditionOf(row.ruleId)));
  readonly #subjects = new Subjects();
  #silences: SilenceRow[] = [];
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  readonly #early: Early[] = [];
  readonly #undecided: Undecided;
  readonly #heardBefore = new HeardBefore();
  readonly #writer: IncidentWriter;
  readonly #keeper: BookKeeper;
  readonly #patience = new Patience();
  #rulesAreOld = false;
  /** As of the last sweep. Agents that speak meanwhile only move it on. */
  #silenceAt: EpochMs | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#undecided = new Undecided(parts.live);
    this.#keeper = new BookKeeper({
      db: parts.db,
      live: parts.live,
      book: this.#book,
      evaluation: this.#evaluation,
      subjects: this.#subjects,
      heardBefore: this.#heardBefore,
    });
    const { db, standings, telling, shown, waitUntil } = parts;
    this.#writer = new IncidentWriter({
      db,
      book: this.#book,
      evaluation: this.#evaluation,
      standings,
      telling,
      shown,
      waitUntil,
      overtaken: async (changes, now) => {
        await this.#keeper.beginAnew(changes, now);
        await this.#fill(now);
      },
    });
  }

  /** The rules, what is open, and where it stood: read once per life of the object. */
  ready(now: EpochMs): Promise<void> {
    this.#loading ??= this.#load(now).catch((error: unknown) => {
      this.#loading = undefined;
      this.#patience.failed(now);
      throw error;
    });
    return this.#loading;
  }

  /** A sample as it came. What tells of the past changes nothing. */
  sampleArrived(instanceId: string, at: EpochMs, sample: Pick<IncomingSample, "keys" | "values">, now: EpochMs): void {
    if (!this.#isLoaded) {
      if (this.#early.length < READINGS_WAITING_MAX) this.#early.push([instanceId, at, sample]);
      if (!this.#loading && now >= this.#patience.againAt)
        this.#parts.waitUntil(this.ready(now).catch((error: unknown) => failed("read", error)));
      return;
    }
    const decisions: Decision[] = [];
    this.#evaluate(instanceId, at, sample, now, decisions);
    if (decisions.length > 0 || this.#evaluation.moved.size > 0) this.#decided(decisions, now);
  }

  /** Rounds of checks. */
  async observed(observations: readonly Observation[], now: EpochMs): Promise<void> {
    await this.ready(now);
    // A check is about its instance too: its tags, its provider, where it stands.
    if (observations.some(({ about }) => about && about.instanceId !== null)) await this.#fill(now);
    const decisions: Decision[] = [];
    const heard = new Map<string, Heard>();
    for (const { subject: id, at, metrics, about } of observations) {
      if (!about) continue;
      const instance = about.instanceId === null ? undefined : this.#parts.live.rowOf(about.instanceId);
      const subject = this.#subjects.ofCheck(id, about, instance);
      heard.set(id, { judgement: about.judgement });
      await this.#parts.lookingBack.seed(this.#evaluation, [subject], now);
      const keys = Object.keys(metrics).map(packKey);
      this.#evaluation.sample(subject, at, keys, Object.values(metrics), decisions);
      this.#evaluation.reading(subject, "verdict", at, () => verdictReading(about.judgement), decisions);
    }
    await this.#decide(decisions, now, heard);
  }

  /** Verdicts and providers' words that have changed. */
  async found(rows: readonly InstanceRow[], now: EpochMs): Promise<void> {
    await this.ready(now);
    const decisions: Decision[] = [];
    for (const row of rows) this.#evaluateRow(row, now, decisions);
    await this.#decide(decisions, now);
  }

  /** How long until it is full, of filesystems and memory. */
  async forecast(forecasts: readonly Forecast[], now: EpochMs): Promise<void> {
    await this.ready(now);
    await this.#fill(now);
    const decisions: Decision[] = [];
    for (const { subject: id, metric, inMs } of forecasts) {
      const row = this.#parts.live.rowOf(id);
      if (!row) continue;
      // What does not fill up takes for ever.
      const readingOf = (rule: Decision["rule"]) =>
        rule.condition.kind === "forecast" && rule.condition.metric === metric
          ? (inMs ?? Number.MAX_SAFE_INTEGER)
          : null;
      this.#evaluation.reading(this.#subjects.ofInstance(row), "forecast", now, readingOf, decisions);
    }
    await this.#decide(decisions, now);
  }

  /** What no message brings: silence, silences that begin and end, what nobody watches any more. */
  async sweep(now: EpochMs): Promise<void> {
    const { live, telling } = this.#parts;
    await this.ready(now);
    if (this.#rulesAreOld) await this.#readRules(now);
    await this.#fill(now);
    const decisions: Decision[] = [];
    for (const row of live.rows()) this.#evaluateRow(row, now, decisions);
    await this.#decide(decisions, now);
    const checks = await this.#keeper.openChecks();
    this.#release(checks, now);
    // Tags may be others by now.
    this.#keeper.learnFacts(checks);
    this.#book.silences((member, facts) => this.#isSilenced(member.ruleId, facts, now), now);
    this.#book.forgetOld(now);
    await this.#writer.write(now);
    await telling.remind(this.#book.remindable(now), now);
    await telling.drain(now);
    this.#silenceAt = nextSilenceAt(live, this.#subjects, this.#evaluation, now);
  }

  /** When there is something to look at that nobody will bring. */
  nextAt(now: EpochMs): EpochMs | null {
    const times = [this.#silenceAt, this.#parts.telling.nextAt, this.#writer.nextAt];
    if (this.#undecided.size > 0) times.push(this.#patience.againAt);
    const known = times.filter((time) => time !== null);
    return known.length > 0 ? Math.max(now + 1_000, Math.min(...known)) : null;
  }

  /** Rules, silences or channels are others now. What cannot be read now is read by the next sweep. */
  async rulesChanged(now: EpochMs): Promise<void> {
    this.#rulesAreOld = true;
    this.#parts.telling.forget();
    await this.sweep(now);
  }

  /** Answers those that this has changed; throws where it could not be written. */
  async act(
    ids: readonly string[],
    action: IncidentAction["action"],
    actor: string,
    note: string | null,
    now: EpochMs,
  ): Promise<string[]> {
    await this.ready(now);
    await this.#fill(now);
    const changed = ids.filter((id) => {
      const members =
        action === "resolve" ? this.#book.openMembers().filter(({ incidentId }) => incidentId === id) : [];
      const hasChanged = this.#book.act(id, action, actor, note, now);
      // Measured anew: where it is still so, it comes back.
      if (hasChanged) for (const { ruleId, subject } of members) this.#evaluation.setState(ruleId, subject, undefined);
      return hasChanged;
    });
    await this.#writer.write(now);
    if (changed.some((id) => this.#book.changes.has(id)))
      throw new Error("The database does not take it now. It is tried again by itself.");
    return changed;
  }

  async states(subject: string, now: EpochMs): Promise<ShownState[]> {
    await this.ready(now);
    await this.#fill(now);
    const row = this.#parts.live.rowOf(subject);
    const known = row ? this.#subjects.ofInstance(row) : this.#subjects.knownCheck(subject);
    return known ? shownStates(this.#evaluation.entriesOf(known), now) : [];
  }

  /** These are no more. */
  async removed(subjects: readonly string[], now: EpochMs): Promise<void> {
    await this.ready(now);
    await this.#fill(now);
    const gone = new Set(subjects);
    this.#over(
      this.#book.openMembers().filter(({ subject, instanceId }) => gone.has(subject) || gone.has(instanceId ?? "")),
      "it was removed",
      now,
    );
    for (const subject of subjects) {
      this.#evaluation.forget(subject);
      this.#subjects.forgetCheck(subject);
    }
    await this.#writer.write(now);
  }

  async #load(now: EpochMs): Promise<void> {
    const { db, standings } = this.#parts;
    const [stored, { incidents, members }] = await Promise.all([
      standings.read(),
      readStanding(db, now),
      this.#readRules(now),
    ]);
    for (const [subject, states] of stored) this.#evaluation.remember(subject, states);
    this.#keeper.fill(incidents, members, now);
    const spoke = [...new Set(this.#early.map(([id]) => id))].flatMap((id) => this.#parts.rowOf(id) ?? []);
    await this.#parts.lookingBack.seed(
      this.#evaluation,
      spoke.map((row) => this.#subjects.ofInstance(row)),
      now,
    );
    this.#patience.worked();
    this.#isLoaded = true;
    const decisions: Decision[] = [];
    for (const [id, at, sample] of this.#early.splice(0)) this.#evaluate(id, at, sample, now, decisions);
    if (decisions.length > 0 || this.#evaluation.moved.size > 0) this.#decided(decisions, now);
  }

  /** The rows of the fleet, and with them whom the incidents that are open are about. */
  async #fill(now: EpochMs): Promise<void> {
    await this.#parts.fill(now);
    if (!this.#keeper.knowsFacts) this.#keeper.learnFacts(await this.#keeper.openChecks());
  }

  async #readRules(now: EpochMs): Promise<void> {
    const { db } = this.#parts;
    const [rules, overrides, silences] = await Promise.all([listRules(db), listOverrides(db), listSilences(db)]);
    const others = this.#evaluation.setRules(rules, overrides);
    this.#silences = silences.filter(({ endedAt }) => endedAt === null);
    this.#rulesAreOld = false;
    const left = this.#book.openMembers().filter(({ ruleId }) => others.has(ruleId));
    this.#over(left, "its rule is about something else now", now);
  }

  #evaluate(id: string, at: EpochMs, { keys, values }: Early[2], now: EpochMs, decisions: Decision[]): void {
    const row = this.#parts.rowOf(id);
    if (!row || onOurClock(row, at) < now - Math.max(READING_LATE_MAX_MS, 3 * row.intervalMs)) return;
    const subject = this.#subjects.ofInstance(row);
    const aheadMs = at - onOurClock(row, at);
    this.#evaluation.clockSetBack(subject, at, now + aheadMs + CLOCK_STEPPED_MS);
    this.#heardBefore.tell(this.#evaluation, subject, aheadMs);
    this.#evaluation.sample(subject, at, keys, values, decisions);
    // It speaks: the silence is over now.
    this.#evaluation.reading(subject, "silence", Math.max(onOurClock(row, at), now), () => 0, decisions);
  }

  #evaluateRow(row: InstanceRow, now: EpochMs, decisions: Decision[]): void {
    const subject = this.#subjects.ofInstance(row);
    const heardAt = this.#parts.live.heardAt(row.id);
    if (isGone(row, heardAt, now)) return;
    this.#evaluation.reading(subject, "verdict", now, () => verdictReading(row.judgement), decisions);
    this.#evaluation.reading(
      subject,
      "provider",
      now,
      ({ condition }) => (condition.kind === "provider" ? providerReading(condition, row) : null),
      decisions,
    );
    if (row.intervalMs > 0 && heardAt !== null)
      this.#evaluation.reading(subject, "silence", now, () => silenceReading(heardAt, now), decisions);
  }

  #decided(decisions: readonly Decision[], now: EpochMs): void {
    this.#parts.waitUntil(this.#decide(decisions, now).catch((error: unknown) => failed("decide", error)));
  }

  /** Where the fleet cannot be read, what was decided waits until it can. */
  async #decide(decisions: readonly Decision[], now: EpochMs, heard: HeardBySubject = NOBODY): Promise<void> {
    this.#undecided.add(decisions, heard);
    if (this.#undecided.size > 0) {
      if (now < this.#patience.againAt) return;
      try {
        await this.#fill(now);
      } catch (error) {
        this.#patience.failed(now);
        throw error;
      }
      this.#patience.worked();
      const isSilenced = ({ rule, subject }: Decision) => this.#isSilenced(rule.id, subject.facts, now);
      this.#undecided.enter(this.#book, isSilenced, now);
    }
    await this.#writer.write(now);
  }

  #isSilenced(ruleId: string, facts: SubjectFacts, now: EpochMs): boolean {
    return this.#silences.some(
      ({ ruleIds, scope, when }) =>
        (ruleIds.length === 0 || ruleIds.includes(ruleId)) && coversSubject(scope, facts) && isActive(when, now),
    );
  }

  /** What no rule is held against any more: the rule is off or another, the check is paused, the instance is gone. */
  #release(checks: ReadonlyMap<string, unknown>, now: EpochMs): void {
    const known = { live: this.#parts.live, subjects: this.#subjects, evaluation: this.#evaluation, checks };
    const left = this.#book.openMembers().filter((member) => !isStillWatched(member, known, now));
    this.#over(left, "nobody watches for it any more", now);
  }

  #over(members: readonly IncidentMemberRow[], reason: string, now: EpochMs): void {
    this.#book.resolve(
      members.map(({ ruleId, subject, severity, value, threshold }) => ({
        ruleId,
        subject,
        severity,
        value,
        threshold,
        at: now,
        reason,
      })),
      now,
    );
    for (const { ruleId, subject } of members) this.#evaluation.setState(ruleId, subject, undefined);
  }
}

const NOBODY: HeardBySubject = new Map();
