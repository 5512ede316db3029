import { FAILURES, type Failure, type ProbeResult } from "./probe.ts";
import { withoutFigures } from "./words.ts";

export type FailedResult = Extract<ProbeResult, { kind: "failed" }>;

/** A failure as a reason names it, and the word that leads to where it was seen. */
export interface NamedFailure {
  failure: Failure;
  what: string;
  seen: " from" | " to" | ", seen from";
}

export function named({ failure, words }: FailedResult, subject: string): NamedFailure {
  if (failure === "unreachable") return { failure, what: "unreachable", seen: " from" };
  if (failure === "refused") return { failure, what: `${subject} refused`, seen: " from" };
  return { failure, what: `${subject} ${enduring(words)}`, seen: failure === "status" ? " to" : ", seen from" };
}

/** The prober's words without how long it took and what it was answered instead: both may change with every round. */
function enduring(words: string): string {
  return words
    .replace(/ in \d+(?:\.\d+)? m?s\b/, "")
    .replace(/(”): it answered .*$/s, "$1")
    .replace(/(”) is .*, not /s, "$1 is not ");
}

/** The most frequent of them and how often it is there. Of two as frequent the one that came nearer to the target, which says more. */
export function mostFrequent(failures: readonly NamedFailure[]): { leading: NamedFailure; count: number } {
  const groups = new Map<string, NamedFailure[]>();
  for (const one of failures) {
    const key = `${one.failure} ${withoutFigures(one.what)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const [most] = [...groups.entries()].sort(
    ([keyA, a], [keyB, b]) =>
      b.length - a.length ||
      FAILURES.indexOf(b[0]!.failure) - FAILURES.indexOf(a[0]!.failure) ||
      (keyA < keyB ? -1 : 1),
  );
  return { leading: most![1][0]!, count: most![1].length };
}
