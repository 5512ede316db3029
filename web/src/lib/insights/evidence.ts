import type { Claim, Evidence } from "../../../../contract/insights.ts";

/** A fact with the number it is cited by. */
export interface Cited {
  number: number;
  evidence: Evidence;
}

/** What a claim is said by, in the order of the list; what the list does not hold is left out. */
export function citedBy({ evidence: ids }: Pick<Claim, "evidence">, all: readonly Evidence[]): Cited[] {
  const wanted = new Set(ids);
  return all.flatMap((evidence, index) => (wanted.has(evidence.id) ? [{ number: index + 1, evidence }] : []));
}

/** The claims that something speaks for: nothing else is shown. */
export function supported<One extends Claim>(claims: readonly One[], all: readonly Evidence[]): One[] {
  return claims.filter((claim) => citedBy(claim, all).length > 0);
}

/** The numbers as they stand behind a claim: `1`, `1, 3`, `1–4`. */
export function numbersInWords(cited: readonly Cited[]): string {
  const numbers = cited.map(({ number }) => number);
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return "";
  const isRun = numbers.length > 2 && last - first === numbers.length - 1;
  return isRun ? `${first}–${last}` : numbers.join(", ");
}
