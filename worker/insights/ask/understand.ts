import { planSchema, type Plan } from "../../../contract/ask.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { Asking } from "../engine.ts";
import { metricsIn } from "./metrics.ts";
import { mentionedIn } from "./names.ts";
import { planInWords } from "./plan-words.ts";
import { planOf } from "./shapes.ts";
import { suggestionsFor } from "./suggestions.ts";
import { whenIn } from "./times.ts";
import { plainText, putRight, wordsOf } from "./words.ts";

export type Understood = { plan: Plan; understoodAs: string } | { suggestions: string[] };

/**
 * A question in plain words as a plan, without any model; or, where it is about nothing that is known here, what could be asked instead.
 * Times are UTC. `names`: those that may be asked about.
 */
export function understand(question: string, names: Asking["names"], now: EpochMs): Understood {
  const { subjects, tags, rest, unknown } = mentionedIn(plainText(question), names);
  // An answer about the whole fleet would be none about an instance that is not there.
  if (unknown !== null) return { suggestions: suggestionsFor(names, { question, unknown }) };
  const text = putRight(wordsOf(rest));
  const heard = { text, scope: { subjects, tags }, metrics: metricsIn(text), when: whenIn(text, now), now };
  const parsed = planSchema.safeParse(planOf(heard) ?? []);
  if (!parsed.success) return { suggestions: suggestionsFor(names) };
  return { plan: parsed.data, understoodAs: planInWords(parsed.data, names, now) };
}
