import { EVIDENCE_MAX, type Claim, type Evidence, type InsightChart } from "../../../contract/insights.ts";
import type { Brief } from "../engine.ts";

/** A fact before it has its id. The same object in several sentences is one piece of evidence. */
export type Fact = Omit<Evidence, "id">;

/** A sentence and the facts it is said by. */
export interface Said {
  text: string;
  by: readonly Fact[];
}

/** What one look-up came to: what it says, the answer first, and what to do. Facts that nothing names are not shown. */
export interface Part {
  claims: Said[];
  actions: Said[];
  charts: InsightChart[];
}

const NOTHING = {
  subject: null,
  name: null,
  metric: null,
  value: null,
  from: null,
  to: null,
  incidentId: null,
} satisfies Omit<Fact, "words">;

export function fact(words: string, more: Partial<Omit<Fact, "words">> = {}): Fact {
  return { words, ...NOTHING, ...more };
}

export function say(text: string, ...by: readonly Fact[]): Said {
  return { text, by };
}

export function part(claims: readonly Said[], more: Partial<Omit<Part, "claims">> = {}): Part {
  return { claims: [...claims], actions: [], charts: [], ...more };
}

/**
 * Facts get their ids in the order in which they are named. There are at most `EVIDENCE_MAX`, shared evenly among the parts: a sentence
 * that has none left is not said.
 */
export function briefOf(task: Brief["task"], about: string, parts: readonly Part[]): Brief {
  const each = Math.floor(EVIDENCE_MAX / Math.max(1, parts.length));
  const ids = new Map<Fact, string>();
  const evidence: Evidence[] = [];
  const claims: Claim[] = [];
  const actions: Claim[] = [];
  for (const one of parts) {
    let left = each;
    const named = (said: Said): Claim[] => {
      const known = said.by.flatMap((given) => {
        const id = ids.get(given);
        if (id !== undefined) return id;
        if (left === 0) return [];
        left--;
        const made = `e${evidence.length + 1}`;
        ids.set(given, made);
        evidence.push({ id: made, ...given });
        return made;
      });
      return known.length > 0 ? [{ text: said.text, evidence: [...new Set(known)] }] : [];
    };
    claims.push(...one.claims.flatMap(named));
    actions.push(...one.actions.flatMap(named));
  }
  return { task, about, evidence, claims, actions };
}
