import type { Said } from "../../brief/part.ts";
import { fact, part, say, type Fact } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { clockInWords, momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords, possessive, sentence } from "../../words/names.ts";
import { readingInWords } from "../../words/quantity.ts";
import { DAY_MS } from "../calendar.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { spanInWords, spanOfStep } from "../plan-words.ts";
import { allowances } from "./allowances.ts";
import { candidatesFor } from "./candidates.ts";
import { certificates } from "./certificates.ts";
import { chartsOf } from "./charts.ts";
import { isNobody, nobody, scopeOf, type Query } from "./query.ts";
import { statsFor, type Stats } from "./series-stats.ts";
import { unmeasured } from "./unmeasured.ts";

/** Of more than these each is not told one by one. */
const TOLD_EACH = 5;
const NAMED = 3;
/** A last reading that is older says nothing of now. */
const NOW_MS = 2 * 3_600_000;

/** What something is, and how it was. */
export const reading: Query<"reading"> = async (step, asked) => {
  const { reader, now } = asked;
  const scope = scopeOf(step, asked.fleet);
  if (isNobody(scope)) return nobody(asked.fleet);
  if (step.metric === "bandwidth") return allowances(scope, now);
  if (step.metric === "certificate") return certificates(scope, null, asked);
  const { key, noun } = ASKED_METRICS[step.metric];
  const span = spanOfStep(step, now);
  const time = spanInWords(span, now);
  const { chosen, cut } = candidatesFor(step.metric, "most", scope, span);
  const ids = chosen.map(({ id }) => id);
  const stats = await statsFor(reader, ids, key, span);
  const known = chosen.flatMap((one) => (stats.has(one.id) ? [{ ...one, own: stats.get(one.id)! }] : []));
  if (known.length === 0) return unmeasured(step.metric, scope, span, now);
  known.sort((a, b) => b.own.mean - a.own.mean);

  const value = (one: number) => readingInWords(key, one);
  const clock = (at: number) =>
    span.to - span.from <= DAY_MS + 1 ? `at ${clockInWords(at)} UTC` : momentInWords(at, now);
  const told = known.slice(0, scope.subjects === null && known.length > TOLD_EACH ? NAMED : 10);
  const facts = new Map<string, Fact>();
  for (const { id, name, own } of told) {
    const words = `${possessive(nameInWords(name))} ${noun} ${time}: ${value(own.mean)} on average, ${value(own.min)} at its lowest, ${value(own.max)} at its highest (${clock(own.maxAt)}).`;
    facts.set(id, fact(words, { subject: id, name, metric: key, value: own.mean, ...span }));
  }
  const claims: Said[] = [];
  if (known.length <= TOLD_EACH) {
    for (const { id, name, own } of known) {
      const is = now - own.lastAt < NOW_MS && span.to >= now - NOW_MS ? `, and ${value(own.last)} most recently` : "";
      const range =
        own.max - own.min < 1e-9
          ? ""
          : ` It was between ${value(own.min)} and ${value(own.max)}, the highest ${clock(own.maxAt)}.`;
      claims.push(
        say(
          `${possessive(nameInWords(name))} ${noun} was ${value(own.mean)} on average ${time}${is}.${range}`,
          facts.get(id)!,
        ),
      );
    }
  } else claims.push(...ofMany(known, told, noun, time, scope.words, facts, value));
  if (known.length < chosen.length && cut.length === 0)
    claims.push(...unmeasured(step.metric, scope, span, now, stats).claims);
  return part([...claims, ...cut], {
    charts: chartsOf(
      told.map(({ id }) => id),
      [key],
      span,
    ),
  });
};

function ofMany(
  known: readonly { name: string; own: Stats }[],
  told: readonly { id: string; name: string; own: Stats }[],
  noun: string,
  time: string,
  words: string,
  facts: ReadonlyMap<string, Fact>,
  value: (one: number) => string,
): Said[] {
  const mean = known.reduce((sum, { own }) => sum + own.mean, 0) / known.length;
  const all = `${noun} of ${countOf(known.length, "instance")}${words} ${time} was ${value(mean)} on average.`;
  const whole = fact(sentence(all), { value: mean });
  const each = told.map(({ name, own }) => `${nameInWords(name)} (${value(own.mean)})`);
  return [
    say(sentence(all), whole),
    say(`The highest: ${namesInWords(each, 9)}.`, ...told.map(({ id }) => facts.get(id)!)),
  ];
}
