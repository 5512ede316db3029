import type { Condition, Override } from "../../contract/rules.ts";
import { isCheckSubject, isMetricOfChecks } from "../../contract/rules.ts";
import type { CheckKind } from "../../contract/check-kinds.ts";
import { metricOf } from "../../contract/metric.ts";
import type { Severity } from "../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { coversSubject, type SubjectFacts } from "../notify/scope.ts";
import { packKey } from "../series/packed.ts";
import { FLAPS_PER_HOUR } from "../settings.ts";
import { memberKey } from "./held.ts";
import { measureOf, rebootReading } from "./measure.ts";
import { Past } from "./past.ts";
import {
  firingAnew,
  isSameStanding,
  okState,
  step,
  type Measure,
  type RuleState,
  type Transition,
} from "./rule-state.ts";
import type { RuleOverrideRow, RuleRow } from "./table.ts";

/** Whom rules are held against: an instance or a check. A new object where anything of it has changed. */
export interface Subject {
  id: string;
  name: string;
  instanceId: string | null;
  place: string | null;
  facts: SubjectFacts;
  /** How often readings of it are to be expected. */
  everyMs: DurationMs;
  firstSeenAt: EpochMs;
  checkKind: CheckKind | null;
}

/** What a reading has changed. */
export interface Decision {
  transition: Transition;
  rule: RuleRow;
  subject: Subject;
  at: EpochMs;
  value: number;
  severity: Severity;
  threshold: number | null;
}

/** One rule held against one subject. */
interface Entry {
  rule: RuleRow;
  override: Override | undefined;
  measure: Measure;
  state: RuleState | undefined;
  /** The series it reads; empty where it reads none. */
  key: string;
  past: Past | undefined;
  /** When its state was last kept, by the time of its readings. */
  keptAt: EpochMs;
}

interface Plan {
  subject: Subject;
  entries: Entry[];
  /** Those that read a series, and where it was in the last sample: as a rule the next one has the same list of keys. */
  ofSeries: Entry[];
  keys: readonly string[] | undefined;
  indexes: number[];
  /** Time of its newest sample. */
  lastAt: EpochMs;
  /** Rules have changed since. */
  isOld: boolean;
}

/** States of one subject that are not `ok`, as they are kept; `of` is what the rule was about. */
export type Standings = Record<string, RuleState & { of: string }>;

const HOUR: DurationMs = 3_600_000;
/** How often what runs is kept within the time after which it would be taken for broken off. */
const KEPT_PER_GAP = 3;

/** All rules held against all subjects, in memory. What is not `ok` is handed in when the object begins and is to be kept by its owner. */
export class Evaluation {
  #rules: RuleRow[] = [];
  #overrides = new Map<string, Override>();
  readonly #plans = new Map<string, Plan>();
  readonly #standings = new Map<string, Standings>();
  /** When a rule fired for a subject within the last hour. */
  readonly #fires = new Map<string, EpochMs[]>();
  /** Subjects whose states are to be kept anew. */
  readonly moved = new Set<string>();

  /** Answers the rules that are about something else now: where they stood says nothing of where they stand. */
  setRules(rules: readonly RuleRow[], overrides: readonly RuleOverrideRow[]): Set<string> {
    const before = new Map(this.#rules.map((rule) => [rule.id, aboutOf(rule)]));
    this.#rules = rules.filter(({ isEnabled }) => isEnabled);
    const others = this.#rules.filter((rule) => before.has(rule.id) && before.get(rule.id) !== aboutOf(rule));
    this.#overrides = new Map(overrides.map((one) => [memberKey(one.ruleId, one.subject), one.override]));
    for (const plan of this.#plans.values()) plan.isOld = true;
    return new Set(others.map(({ id }) => id));
  }

  /** Undefined where there is no such rule, or it is off. */
  conditionOf(ruleId: string): Condition | undefined {
    return this.#rules.find(({ id }) => id === ruleId)?.condition;
  }

  /** What was kept of a subject. Wins over nothing that is known already. */
  remember(subject: string, standings: Standings): void {
    if (!this.#plans.has(subject)) this.#standings.set(subject, { ...standings, ...this.#standings.get(subject) });
  }

  /** Sets a state that the database knows better. */
  setState(ruleId: string, subject: string, state: RuleState | undefined): void {
    const entry = this.#plans.get(subject)?.entries.find(({ rule }) => rule.id === ruleId);
    const rule = this.#rules.find(({ id }) => id === ruleId);
    if (entry) entry.state = state;
    const standings = { ...this.#standings.get(subject) };
    if (state && rule && !entry) standings[ruleId] = { ...state, of: aboutOf(rule) };
    else delete standings[ruleId];
    this.#standings.set(subject, standings);
    this.moved.add(subject);
  }

  /** Samples up to then, by their sender's clock, change nothing of what this rule says: the database knows what became of them. */
  heardUntil(ruleId: string, subject: Subject, value: number, at: EpochMs): void {
    const entry = this.#planOf(subject).ofSeries.find(({ rule }) => rule.id === ruleId);
    if (!entry) return;
    if (!entry.state) entry.state = okState(at, value);
    else if (entry.state.phase === "firing") entry.state = { ...entry.state, lastAt: at };
  }

  /** What rules of change are to be compared with and nothing is known of. */
  withoutPast(subject: Subject): { metric: string; overMs: DurationMs }[] {
    return this.#planOf(subject).ofSeries.flatMap(({ rule: { condition }, past }) =>
      condition.kind === "change" && past?.isEmpty ? [{ metric: condition.metric, overMs: condition.overMs }] : [],
    );
  }

  /** In order of time. */
  givePast(subject: Subject, metric: string, points: readonly { at: EpochMs; value: number }[]): void {
    for (const { rule, past } of this.#planOf(subject).ofSeries) {
      if (rule.condition.kind !== "change" || rule.condition.metric !== metric || !past?.isEmpty) continue;
      for (const { at, value } of points) past.add(at, value);
    }
  }

  forget(subject: string): void {
    this.#plans.delete(subject);
    this.#standings.delete(subject);
    this.moved.add(subject);
  }

  /** One sample: every rule that reads one of its series. `keys` are packed. */
  sample(
    subject: Subject,
    at: EpochMs,
    keys: readonly string[],
    values: ArrayLike<number>,
    decisions: Decision[],
  ): void {
    const plan = this.#planOf(subject);
    plan.lastAt = Math.max(plan.lastAt, at);
    if (plan.keys !== keys) {
      plan.keys = keys;
      plan.indexes = plan.ofSeries.map(({ key }) => keys.indexOf(key));
    }
    const { ofSeries, indexes } = plan;
    for (let index = 0; index < ofSeries.length; index++) {
      const place = indexes[index]!;
      if (place === -1) continue;
      const entry = ofSeries[index]!;
      const value = this.#readingOf(entry, subject, at, values[place]!);
      if (value !== undefined) this.#step(plan, entry, at, value, decisions);
    }
  }

  /**
   * Before a sample is taken: was its sender's clock set back, what was noted by the one before must not make all that follows look old.
   * `latest` is what its clock may show now.
   */
  clockSetBack(subject: Subject, at: EpochMs, latest: EpochMs): void {
    const plan = this.#planOf(subject);
    if (plan.lastAt <= latest) return;
    plan.lastAt = at - 1;
    for (const entry of plan.ofSeries) {
      const { state, past } = entry;
      if (past) entry.past = new Past((entry.rule.condition as { overMs: DurationMs }).overMs);
      if (!state || state.lastAt < at) continue;
      entry.state = state.phase === "firing" || state.phase === "recovering" ? firingAnew(state, at - 1) : undefined;
      this.moved.add(subject.id);
    }
  }

  /** A reading that is no series: a verdict, a provider's word, silence, a forecast; null where nobody can tell. */
  reading(
    subject: Subject,
    kind: "verdict" | "provider" | "silence" | "forecast",
    at: EpochMs,
    readingOf: (rule: RuleRow) => number | null,
    decisions: Decision[],
  ): void {
    const plan = this.#planOf(subject);
    for (const entry of plan.entries) {
      if (entry.rule.condition.kind !== kind) continue;
      const value = readingOf(entry.rule);
      if (value !== null) this.#step(plan, entry, at, value, decisions);
    }
  }

  /** Whether this rule is held against this subject at all. */
  isWatched(ruleId: string, subject: Subject): boolean {
    return this.#planOf(subject).entries.some(({ rule }) => rule.id === ruleId);
  }

  /** Where every rule stands with it. */
  entriesOf(subject: Subject): readonly { rule: RuleRow; measure: Measure; state: RuleState | undefined }[] {
    return this.#planOf(subject).entries;
  }

  /** Where rules stand with it that are held against it, and those that were before and may be again. */
  standingsOf(subject: string): Standings {
    const plan = this.#plans.get(subject);
    return { ...this.#standings.get(subject), ...(plan && standingsOf(plan.entries)) };
  }

  /** Of one rule; undefined where it is ok or not known. */
  stateOf(ruleId: string, subject: string): RuleState | undefined {
    return this.standingsOf(subject)[ruleId];
  }

  /** It has come and gone before this began: so often that it is to be well for longer. */
  hasFlapped(ruleId: string, subject: string, at: EpochMs): void {
    this.#fires.set(memberKey(ruleId, subject), Array<EpochMs>(FLAPS_PER_HOUR).fill(at));
  }

  /** What fires, or is well again and not for long enough. */
  *told(): Generator<{ ruleId: string; subject: string }> {
    for (const subject of new Set([...this.#plans.keys(), ...this.#standings.keys()])) {
      for (const [ruleId, { phase }] of Object.entries(this.standingsOf(subject)))
        if (phase !== "pending") yield { ruleId, subject };
    }
  }

  #readingOf(
    { rule: { condition }, past }: Entry,
    { firstSeenAt }: Subject,
    at: EpochMs,
    value: number,
  ): number | undefined {
    if (condition.kind === "reboot") return rebootReading(condition, { at, uptimeSeconds: value }, firstSeenAt);
    if (condition.kind !== "change") return value;
    const before = past?.add(at, value);
    if (before === undefined) return undefined;
    return condition.direction === "rises" ? value - before : before - value;
  }

  #step(plan: Plan, entry: Entry, at: EpochMs, value: number, decisions: Decision[]): void {
    const before = entry.state;
    const { state, transition } = step(before, { at, value }, entry.measure);
    entry.state = state;
    if (state === before && transition === null) return;
    // What runs is kept now and then though nothing of it changes: a shard that slept would take the time since for a gap.
    const isOldNews = isRunning(state) && at - entry.keptAt >= entry.measure.gapMs / KEPT_PER_GAP;
    const isNews = before === undefined ? state.phase !== "ok" : !isSameStanding(before, state);
    if (isNews || isOldNews) {
      entry.keptAt = at;
      this.moved.add(plan.subject.id);
    }
    if (transition === null) return;
    const { rule, measure } = entry;
    const severity = state.severity ?? before?.severity ?? "warning";
    const threshold = transition === "resolve" ? (measure.recovery ?? measure[severity]) : measure[severity];
    decisions.push({ transition, rule, subject: plan.subject, at, value, severity, threshold });
    if (transition === "fire") this.#fired(plan.subject, entry, at);
  }

  /** What fires again and again within an hour is to be well for longer before it is over. */
  #fired(subject: Subject, entry: Entry, at: EpochMs): void {
    const key = memberKey(entry.rule.id, subject.id);
    const fires = [...(this.#fires.get(key) ?? []).filter((one) => at - one < HOUR), at];
    this.#fires.set(key, fires);
    entry.measure = this.#measure(entry, subject, this.#isFlapping(entry.rule.id, subject.id));
  }

  #isFlapping(ruleId: string, subject: string): boolean {
    return (this.#fires.get(memberKey(ruleId, subject))?.length ?? 0) >= FLAPS_PER_HOUR;
  }

  #planOf(subject: Subject): Plan {
    const known = this.#plans.get(subject.id);
    if (known?.subject === subject && !known.isOld) return known;
    const standings = this.standingsOf(subject.id);
    const before = new Map(known?.entries.map((entry) => [entry.rule.id, entry]));
    const entries = this.#rules
      .filter((rule) => isAbout(rule, subject))
      .flatMap((rule): Entry[] => {
        const override = this.#overrides.get(memberKey(rule.id, subject.id));
        if (override && !override.isEnabled) return [];
        const last = before.get(rule.id);
        const isSame = last !== undefined && aboutOf(last.rule) === aboutOf(rule);
        const series = seriesOf(rule);
        return [
          {
            rule,
            override,
            measure: this.#measure({ rule, override }, subject, this.#isFlapping(rule.id, subject.id)),
            state: isSame ? last.state : stateOf(standings[rule.id], rule),
            key: series === "" ? "" : packKey(series),
            past:
              rule.condition.kind === "change" ? (isSame && last.past) || new Past(rule.condition.overMs) : undefined,
            keptAt: (isSame ? last.keptAt : standings[rule.id]?.lastAt) ?? 0,
          },
        ];
      });
    for (const { rule } of entries) delete standings[rule.id];
    // Of rules that are not held against it now: its tags may come back, or be read first.
    for (const id of Object.keys(standings)) if (!this.#rules.some((rule) => rule.id === id)) delete standings[id];
    this.#standings.set(subject.id, standings);
    const ofSeries = entries.filter(({ key }) => key !== "");
    const newest = ofSeries.reduce((at, { state }) => Math.max(at, state?.lastAt ?? 0), 0);
    const lastAt = known?.lastAt ?? newest;
    const plan: Plan = { subject, entries, ofSeries, keys: undefined, indexes: [], lastAt, isOld: false };
    this.#plans.set(subject.id, plan);
    return plan;
  }

  #measure({ rule, override }: Pick<Entry, "rule" | "override">, { everyMs }: Subject, isFlapping: boolean): Measure {
    return measureOf(rule, override, everyMs, isFlapping);
  }
}

/** Whether a rule can say anything of a subject, and is meant to. */
function isAbout({ condition, scope }: RuleRow, { id, facts, checkKind }: Subject): boolean {
  const isCheck = isCheckSubject(id);
  switch (condition.kind) {
    case "metric":
    case "change":
      if (isMetricOfChecks(metricOf(condition.metric)) !== isCheck) return false;
      break;
    case "verdict":
      if ((condition.of === "check") !== isCheck) return false;
      if (isCheck && condition.checkKinds.length > 0 && !condition.checkKinds.includes(checkKind!)) return false;
      break;
    default:
      if (isCheck) return false;
  }
  return coversSubject(scope, facts);
}

function standingsOf(entries: readonly Entry[]): Standings {
  const standings: Standings = {};
  for (const { rule, state } of entries)
    if (state && state.phase !== "ok") standings[rule.id] = { ...state, of: aboutOf(rule) };
  return standings;
}

/** What was kept, where the rule is still about the same. */
function stateOf(kept: Standings[string] | undefined, rule: RuleRow): RuleState | undefined {
  if (!kept) return undefined;
  const { of, ...state } = kept;
  return of === aboutOf(rule) ? state : undefined;
}

/** What its values are: thresholds may change, and where it stands still means the same. */
function aboutOf({ condition }: Pick<RuleRow, "condition">): string {
  const { kind, metric, direction, overMs, of } = condition as Partial<Record<string, unknown>>;
  return JSON.stringify([kind, metric, direction, overMs, of]);
}

function seriesOf({ condition }: RuleRow): string {
  if (condition.kind === "reboot") return "uptime_seconds";
  return condition.kind === "metric" || condition.kind === "change" ? condition.metric : "";
}

/** Whether something of it is being timed. */
function isRunning({ phase, severity, criticalSince, easedSince }: RuleState): boolean {
  return (
    phase === "pending" ||
    phase === "recovering" ||
    easedSince !== null ||
    (severity === "warning" && criticalSince !== null)
  );
}
