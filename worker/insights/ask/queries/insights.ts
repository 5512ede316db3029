import type { Insight, InsightKind } from "../../../../contract/insights.ts";
import { insightFact, titleOf } from "../../brief/insight-fact.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { lineInWords } from "../../brief/plain-name.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { moneyInWords } from "../../words/quantity.ts";
import { spanInWords, spanOfStep } from "../plan-words.ts";
import { isNobody, nobody, scopeOf, type Query } from "./query.ts";

const SHOWN = 8;
const READ_MAX = 100;
const CHARTS_MAX = 2;

/** What was found: unusual readings, levels that changed, what comes back, what moves together, what is not used. */
export const insights: Query<"insights"> = async (step, { reader, fleet, now }) => {
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const span = spanOfStep(step, now);
  const all = await reader.insights({ kinds: step.kinds, within: span, subjects: scope.subjects, max: READ_MAX });
  const time = spanInWords(span, now);
  const what = step.kinds.length === 0 ? (["finding", "findings"] as const) : NOUNS[step.kinds[0]!];
  if (all.length === 0) {
    const words = `${NONE[step.kinds[0] ?? "any"]} ${time}${scope.words}`;
    const young = scope.instances.filter(({ firstSeenAt }) => now - firstSeenAt < LEARNS_FOR_MS);
    const looked = fact(`There are no such findings about ${countOf(scope.instances.length, "instance")}.`, {
      value: 0,
      ...span,
    });
    const claims: Said[] = [say(`${words}.`, looked)];
    if (young.length > 0) {
      const since = fact(`${countOf(young.length, "instance is", "instances are")} known for less than 2 days.`, {
        value: young.length,
      });
      claims.push(
        say(`Of ${countOf(young.length, "instance")} there is not enough history yet to tell what is usual.`, since),
      );
    }
    return part(claims);
  }
  const shown = all.slice(0, SHOWN);
  const facts = shown.map(insightFact);
  const most = all.length === READ_MAX ? `${READ_MAX} or more ${what[1]}` : countOf(all.length, ...what);
  const saving = savingInWords(all);
  const claims: Said[] = [
    say(`${most} ${time}${scope.words}${saving ? `, ${saving} a month together` : ""}.`, ...facts),
  ];
  shown.forEach((one, index) => {
    const at =
      one.at !== null && one.kind !== "waste" && one.kind !== "prediction" ? ` (${momentInWords(one.at, now)})` : "";
    claims.push(say(`${titleOf(one).replace(/\.$/, "")}${at}.`, facts[index]!));
  });
  if (all.length > shown.length)
    claims.push(say(`The ${SHOWN} worst are listed here; the insights page has all.`, ...facts.slice(0, 1)));
  const actions = shown.flatMap((one, index) => {
    const [action] = one.actions;
    return action === undefined ? [] : [say(lineInWords(action), facts[index]!)];
  });
  return part(claims, {
    actions: actions.slice(0, 4),
    charts: shown.flatMap(({ chart }) => chart ?? []).slice(0, CHARTS_MAX),
  });
};

/** What is usual takes days to be known. */
const LEARNS_FOR_MS = 2 * 86_400_000;

const NOUNS: Record<InsightKind, readonly [string, string]> = {
  anomaly: ["unusual reading or changed level", "unusual readings and changed levels"],
  change: ["level that changed", "levels that changed"],
  pattern: ["pattern", "patterns"],
  correlation: ["pair of readings that move together", "groups of readings that move together"],
  waste: ["thing is paid for and hardly used", "things are paid for and hardly used"],
  prediction: ["forecast", "forecasts"],
};

const NONE: Record<InsightKind | "any", string> = {
  anomaly: "Nothing unusual was found",
  change: "No level changed",
  pattern: "Nothing was found that comes back every day or week",
  correlation: "Nothing was found that moves together",
  waste: "Nothing was found that is paid for and not used",
  prediction: "Nothing is foretold to be full or to run out",
  any: "Nothing was found",
};

/** `$40`, where something could be saved. */
export function savingInWords(all: readonly Insight[]): string | null {
  const sums = new Map<string, number>();
  for (const { monthlySaving } of all)
    if (monthlySaving) sums.set(monthlySaving.currency, (sums.get(monthlySaving.currency) ?? 0) + monthlySaving.amount);
  if (sums.size === 0) return null;
  return namesInWords(
    [...sums].map(([currency, amount]) => moneyInWords({ amount, currency })),
    4,
  );
}
