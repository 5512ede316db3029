import type { BodyOf } from "../../contract/api.ts";
import { RULE_PREVIEW_DAYS, type Condition, type Preview } from "../../contract/rules.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Subject } from "../alerts/evaluation.ts";
import { measureOf } from "../alerts/measure.ts";
import { firingsOf } from "../alerts/preview.ts";
import type { RuleRow } from "../alerts/table.ts";
import type { Database } from "../db/client.ts";
import { spanInWords } from "../notify/duration-words.ts";
import { VERDICT_STEP_MS, verdictHistories, type History, type SeriesRule, type Span } from "./preview-history.ts";
import { PreviewReader, type ReaderSurroundings } from "./preview-reader.ts";
import { superseded } from "./preview-lane.ts";
import { watchedBy } from "./preview-subjects.ts";

/** Whose rule is previewed, and what of the fleet they may see; null: all of it. */
export interface PreviewAsked {
  rule: BodyOf<"POST /api/rule-previews">;
  tags: readonly string[] | null;
}

export interface PreviewSurroundings extends Omit<ReaderSurroundings, "isLate"> {
  clock(): EpochMs;
  /** Lets others of this object have their turn. */
  pause(): Promise<void>;
}

const SUBJECTS_MAX = 500;
/** From its beginning, time in which others had their turn included: never more than that of CPU. */
const WORK_MAX_MS: DurationMs = 5_000;
/** Of it the last part is for those who have to be looked at closely. */
const CLOSE_WORK_MS: DurationMs = 2_000;
/** Verdicts between two pauses: 2,000 points each, some 20 ms. */
const BUSY_PER_SLICE = 20;
const FIRINGS_SHOWN_MAX = 200;

/** What is known of one preview's subjects so far. */
interface Found {
  looked: number;
  firings: Preview["firings"];
  note: string | null;
}

/** What a rule would have done in the last days, to whom. Throws {@link superseded} once it is stopped. */
export class Previewing {
  readonly #db: Database;
  readonly #around: PreviewSurroundings;
  readonly #isStopped: () => boolean;
  readonly #until: EpochMs;

  constructor(db: Database, around: PreviewSurroundings, isStopped: () => boolean) {
    this.#db = db;
    this.#around = around;
    this.#isStopped = isStopped;
    this.#until = around.clock() + WORK_MAX_MS;
  }

  async preview({ rule: asked, tags }: PreviewAsked, now: EpochMs): Promise<Preview> {
    const span = { from: now - RULE_PREVIEW_DAYS * 86_400_000, to: now };
    const rule = ruleOf(asked);
    const subjects = await watchedBy(this.#db, rule, tags);
    const { firings, ...found } = await this.#found(rule, subjects, span);
    const newest = firings.sort((a, b) => b.from - a.from).slice(0, FIRINGS_SHOWN_MAX);
    return { ...span, subjects: subjects.length, ...found, firings: newest };
  }

  #found(rule: RuleRow, subjects: readonly Subject[], span: Span): Promise<Found> | Found {
    const { condition } = rule;
    switch (condition.kind) {
      case "metric":
      case "change":
      case "reboot":
        return this.#inSeries({ ...rule, condition }, subjects.slice(0, SUBJECTS_MAX), span);
      case "verdict":
        return this.#inVerdicts({ ...rule, condition }, subjects.slice(0, SUBJECTS_MAX), span);
      default:
        return { looked: 0, firings: [], note: UNTOLD[condition.kind] };
    }
  }

  async #inSeries(rule: SeriesRule, subjects: readonly Subject[], span: Span): Promise<Found> {
    const found: Found = { looked: 0, firings: [], note: null };
    if (subjects.length === 0) return found;
    const isLate = () => this.#around.clock() >= this.#until - CLOSE_WORK_MS;
    const reader = await PreviewReader.of(this.#db, rule, span, { ...this.#around, isLate });
    const { stepMs } = reader;
    const { condition } = rule;
    if (condition.kind === "change" && condition.overMs < stepMs)
      return { ...found, note: tooCoarse(condition, stepMs) };
    for await (const histories of reader.read(subjects)) {
      found.looked += histories.length;
      for (const history of histories) found.firings.push(...firingsIn(rule, history, stepMs));
      if (!(await this.#hasMoreTime())) break;
    }
    const isWhole = found.looked === subjects.length;
    return { ...found, note: isWhole ? stepsNote(stepMs) : `${stepsNote(stepMs)} ${NOT_ALL}` };
  }

  async #inVerdicts(
    rule: RuleRow & { condition: Extract<Condition, { kind: "verdict" }> },
    subjects: readonly Subject[],
    span: Span,
  ): Promise<Found> {
    const found: Found = { looked: 0, firings: [], note: null };
    let busy = 0;
    for (const history of await verdictHistories(this.#db, rule.condition, subjects, span)) {
      const isQuiet = Array.isArray(history.points);
      found.firings.push(...firingsIn(rule, history, VERDICT_STEP_MS));
      found.looked++;
      if (!isQuiet && ++busy % BUSY_PER_SLICE === 0 && !(await this.#hasMoreTime())) break;
    }
    return found;
  }

  async #hasMoreTime(): Promise<boolean> {
    await this.#around.pause();
    if (this.#isStopped()) throw superseded();
    return this.#around.clock() < this.#until;
  }
}

function firingsIn(rule: RuleRow, { subject, points }: History, stepMs: DurationMs): Preview["firings"] {
  const measure = measureOf(rule, undefined, Math.max(stepMs, subject.everyMs));
  return firingsOf(points, measure).map((firing) => ({ subject: subject.id, name: subject.name, ...firing }));
}

const UNTOLD = {
  silence: "The history does not keep closely enough when an agent was silent to tell.",
  provider: "The history does not hold what providers said. Such a rule holds from now on.",
  forecast: "The history does not hold what was forecast. Such a rule holds from now on.",
} as const satisfies Partial<Record<Condition["kind"], string>>;

const NOT_ALL = "It was too much to look at all of them in one go: a narrower scope shows more.";

function stepsNote(stepMs: DurationMs): string {
  return `Read from history in steps of ${spanInWords(stepMs)}: times are as exact as that, and what lasted shorter may differ.`;
}

function tooCoarse({ overMs }: { overMs: DurationMs }, stepMs: DurationMs): string {
  return `The history is kept in steps of ${spanInWords(stepMs)}, too coarse to tell a change within ${spanInWords(overMs)}.`;
}

function ruleOf(asked: PreviewAsked["rule"]): RuleRow {
  return { ...asked, id: "preview", name: "preview", isEnabled: true, isDefault: false, createdAt: 0, updatedAt: 0 };
}
