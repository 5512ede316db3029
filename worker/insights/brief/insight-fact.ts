import type { Insight } from "../../../contract/insights.ts";
import { momentInWords } from "../words/moment.ts";
import { fact, type Fact } from "./part.ts";
import { lineInWords } from "./plain-name.ts";

/** An insight as one fact of an answer: what it says, and what it says first of why. */
export function insightFact(found: Insight): Fact {
  const { title, claims, subjects, metrics, evidence, at, chart } = found;
  const [first] = evidence;
  const [subject] = subjects;
  const span = chart?.spans[0];
  return fact(`${titleOf(found)} ${lineInWords(claims[0]?.text ?? title)}`.trim(), {
    subject: subjects.length === 1 ? subject!.id : null,
    name: subjects.length === 1 ? subject!.name : null,
    metric: first?.metric ?? metrics[0] ?? null,
    value: first?.value ?? null,
    from: span?.from ?? first?.from ?? null,
    to: at ?? span?.to ?? first?.to ?? null,
  });
}

/** How long it is until something was right when it was written. */
const LEFT = /^(.*) in (?:less than a minute|\d+ (?:min|h|d)\b).*$/;

/** A title as a sentence; of what is foretold with its moment instead of the time that was left when it was found. */
export function titleOf({ kind, title, at }: Pick<Insight, "kind" | "title" | "at">): string {
  const line = lineInWords(title);
  if (kind === "prediction" && at !== null)
    return `${line.replace(LEFT, "$1").replace(/\.$/, "")} (${momentInWords(at)}).`;
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
