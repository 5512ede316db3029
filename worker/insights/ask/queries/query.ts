import type { PlanStep } from "../../../../contract/ask.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { fact, part, say, type Part } from "../../brief/part.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import type { AskReader, KnownCheck, KnownFleet, KnownInstance } from "../ask-reader.ts";

/** What a query answers from. */
export interface Asked {
  reader: AskReader;
  fleet: KnownFleet;
  now: EpochMs;
}

export type StepOf<Name extends PlanStep["query"]> = Extract<PlanStep, { query: Name }>;
export type Query<Name extends PlanStep["query"]> = (step: StepOf<Name>, asked: Asked) => Promise<Part>;

/** Whom a step is about. */
export interface Scope {
  instances: readonly KnownInstance[];
  checks: readonly KnownCheck[];
  /** Ids of instances and checks; null: all that may be seen. */
  subjects: readonly string[] | null;
  /** ` among those tagged web`; empty for the whole fleet and for those that are named. */
  words: string;
}

/** Those that are named and those that have one of the tags; with an instance come its checks. */
export function scopeOf({ subjects, tags }: Pick<PlanStep, "subjects" | "tags">, fleet: KnownFleet): Scope {
  if (subjects.length === 0 && tags.length === 0) return { ...fleet, subjects: null, words: "" };
  const has = (own: readonly string[]) => own.some((tag) => tags.includes(tag));
  const instances = fleet.instances.filter((one) => subjects.includes(one.id) || has(one.tags));
  const ids = new Set(instances.map(({ id }) => id));
  const checks = fleet.checks.filter(
    (one) => subjects.includes(one.id) || (one.instanceId !== null && ids.has(one.instanceId)) || has(one.tags),
  );
  const words = tags.length > 0 && subjects.length === 0 ? ` among those tagged ${namesInWords(tags, 3)}` : "";
  return { instances, checks, subjects: [...ids, ...checks.map(({ id }) => id)], words };
}

export function isNobody({ instances, checks }: Scope): boolean {
  return instances.length === 0 && checks.length === 0;
}

/** What is said where nobody is meant. */
export function nobody({ instances }: KnownFleet): Part {
  if (instances.length === 0) {
    const none = fact("No instance is watched that you can see.", { value: 0 });
    return part([say("There is no instance yet that could be looked at.", none)], {
      actions: [say("Install the agent on a machine, or connect a cloud account.", none)],
    });
  }
  const others = fact(`You can see ${countOf(instances.length, "instance")}; none of them is one of those.`, {
    value: 0,
  });
  return part([say("None of those that you asked about is among the instances that you can see.", others)]);
}

export const calledOf = ({ name }: { name: string }): string => nameInWords(name);

const RANK = { down: 0, degraded: 1, unsure: 2, up: 3 } as const;

/** Those that are not well come first, those of which nobody can tell yet last. */
export function worstFirst(a: Judged, b: Judged): number {
  const rank = ({ judgement }: Judged) => (judgement ? RANK[judgement.verdict] : 4);
  return rank(a) - rank(b);
}

type Judged = Pick<KnownCheck, "judgement">;
