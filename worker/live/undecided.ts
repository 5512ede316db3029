import type { EpochMs } from "../../contract/units.ts";
import type { IncidentBook } from "../alerts/book.ts";
import type { Decision } from "../alerts/evaluation.ts";
import { memberKey, type News, type Trouble } from "../alerts/held.ts";
import { reasonOf, type Heard } from "../alerts/reason.ts";
import type { LiveState } from "./live-state.ts";

/** What was heard of a subject, by its id. */
export type HeardBySubject = ReadonlyMap<string, Heard>;

interface Said {
  decision: Decision;
  heard: HeardBySubject;
}

/** What rules have decided and the book of incidents has not heard of: a state that has moved on would not say it again. */
export class Undecided {
  readonly #live: LiveState;
  #waiting: Said[] = [];

  constructor(live: LiveState) {
    this.#live = live;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(decisions: readonly Decision[], heard: HeardBySubject): void {
    for (const decision of decisions) this.#waiting.push({ decision, heard });
  }

  /** All that waits goes into the book: of one rule and subject in order, of all others together, so that what fell together is seen as one. */
  enter(book: IncidentBook, isSilenced: (decision: Decision) => boolean, now: EpochMs): void {
    for (const round of roundsOf(this.#waiting.splice(0))) {
      const by = Map.groupBy(round, ({ decision }) => decision.transition);
      const of = (...transitions: Decision["transition"][]) => transitions.flatMap((one) => by.get(one) ?? []);
      const news = (said: Said) => this.#news(said);
      book.resolve(of("resolve").map(news), now);
      book.changeSeverity(of("worsen", "ease").map(news), now);
      book.fire(
        of("fire").map((said) => this.#trouble(said, isSilenced(said.decision))),
        now,
      );
    }
  }

  #news({ decision, heard }: Said): News {
    const { rule, subject, at, severity, value, threshold } = decision;
    const row = this.#live.rowOf(subject.id);
    const known = heard.get(subject.id) ?? (row ? { judgement: row.judgement, cloud: row.cloud } : {});
    return { ruleId: rule.id, subject: subject.id, at, severity, value, threshold, reason: reasonOf(decision, known) };
  }

  #trouble(said: Said, isSilenced: boolean): Trouble {
    const { rule, subject } = said.decision;
    return {
      ...this.#news(said),
      kind: rule.condition.kind,
      ruleName: rule.name,
      name: subject.name,
      instanceId: subject.instanceId,
      place: subject.place,
      facts: subject.facts,
      isSilenced,
    };
  }
}

/** In each round a rule and a subject are there once. */
function roundsOf(waiting: readonly Said[]): Said[][] {
  const rounds: Said[][] = [];
  const seen = new Map<string, number>();
  for (const said of waiting) {
    const key = memberKey(said.decision.rule.id, said.decision.subject.id);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    (rounds[round] ??= []).push(said);
  }
  return rounds;
}
