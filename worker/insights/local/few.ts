import type { Finding } from "../engine.ts";

/** A finding and how much it is worth, to be held against others of its kind: 0 and up. */
export interface Weighed {
  finding: Finding;
  weight: number;
}

/** Of one kind, findings that a look at so many machines may bring: four, and one for every five machines. */
export function boundFor(machines: number): number {
  return 4 + Math.ceil(machines / 5);
}

const PER_SUBJECT_MAX = 2;

/**
 * The best of them: no more than two that are about one machine alone, and no more than `max` in all. The same weight keeps the order of
 * keys, so that the same findings are kept in every run.
 */
export function few(weighed: readonly Weighed[], max: number): Finding[] {
  const order = weighed.toSorted(
    (a, b) => b.weight - a.weight || (a.finding.key < b.finding.key ? -1 : a.finding.key > b.finding.key ? 1 : 0),
  );
  const bySubject = new Map<string, number>();
  const kept: Finding[] = [];
  for (const { finding } of order) {
    if (kept.length >= max) break;
    if (finding.subjects.length === 1) {
      const subject = finding.subjects[0]!.id;
      const count = bySubject.get(subject) ?? 0;
      if (count >= PER_SUBJECT_MAX) continue;
      bySubject.set(subject, count + 1);
    }
    kept.push(finding);
  }
  return kept;
}
