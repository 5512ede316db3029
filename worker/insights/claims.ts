import type { Claim, Evidence } from "../../contract/insights.ts";

/** Only what is said by evidence that was there: a claim that names none of it is dropped, and names that are made up are cut out. */
export function supportedClaims(claims: readonly Claim[], evidence: readonly Evidence[]): Claim[] {
  const known = new Set(evidence.map(({ id }) => id));
  return claims.flatMap(({ text, evidence: named }) => {
    const real = [...new Set(named)].filter((id) => known.has(id));
    return real.length > 0 && text.trim() !== "" ? [{ text: text.trim(), evidence: real }] : [];
  });
}
