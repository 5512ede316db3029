import type { Evidence } from "../../../contract/insights.ts";
import type { Brief } from "../engine.ts";

/** Numbers that stand for themselves: those in `web-1` or `sda1` are part of a name. */
const NUMBER = /(?<![\p{L}\p{N}_./:@#-])\d+(?:[.,:-]\d+)*(?![\p{N}_]|[./:@#-]?\p{L}[\p{N}_-])/gu;
/** Whether it is `50 min` or `1 h 10 min`. */
const LENGTH = /#(?: (?:d|h|min|s)\b)?(?: #(?: (?:d|h|min|s)\b)?)*/g;
/** Steps in which a share is the same, and by which factor anything else. */
const SHARE_STEP = 0.1;
const FACTOR = 1.5;

/**
 * What a brief is about, without what moves from look to look: which machines and incidents, the words for them, and about how much. Two
 * briefs that are alike may be said in the same sentences, as long as each of these holds.
 */
export function likenessOf({ about, evidence, claims, actions }: Brief): string {
  const said = [...claims, ...actions].map(({ text, evidence: ids }) => [withoutNumbers(text), ids]);
  return JSON.stringify([about, evidence.map(likenessOfFact), said]);
}

function likenessOfFact({ id, words, subject, name, metric, value, incidentId }: Evidence) {
  return [id, withoutNumbers(words), subject, name, metric, value === null ? null : stepOf(value), incidentId];
}

function withoutNumbers(text: string): string {
  return text.replace(NUMBER, "#").replace(LENGTH, "#");
}

function stepOf(value: number): number {
  if (Math.abs(value) <= 1) return Math.round(value / SHARE_STEP);
  return Math.sign(value) * (100 + Math.round(Math.log(Math.abs(value)) / Math.log(FACTOR)));
}
