import { fact, part, say, type Fact, type Said } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { namesInWords, sentence } from "../../words/names.ts";
import { readingInWords } from "../../words/quantity.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { spanInWords, spanOfStep } from "../plan-words.ts";
import { allowances } from "./allowances.ts";
import { candidatesFor } from "./candidates.ts";
import { certificates } from "./certificates.ts";
import { chartsOf } from "./charts.ts";
import { isNobody, nobody, scopeOf, type Query } from "./query.ts";
import { statsFor } from "./series-stats.ts";
import { unmeasured } from "./unmeasured.ts";

/** Who has most or least of something. */
export const ranking: Query<"ranking"> = async (step, asked) => {
  const scope = scopeOf(step, asked.fleet);
  if (isNobody(scope)) return nobody(asked.fleet);
  if (step.metric === "bandwidth") return allowances(scope, asked.now);
  if (step.metric === "certificate") return certificates(scope, null, asked);
  const { key, noun } = ASKED_METRICS[step.metric];
  const span = spanOfStep(step, asked.now);
  const { chosen, cut } = candidatesFor(step.metric, step.order, scope, span);
  const ids = chosen.map(({ id }) => id);
  const stats = await statsFor(asked.reader, ids, key, span);
  const time = spanInWords(span, asked.now);
  const sign = step.order === "most" ? -1 : 1;
  const ranked = chosen
    .flatMap((one) => {
      const own = stats.get(one.id);
      return own ? [{ ...one, own, value: step.by === "max" ? own.max : own.mean }] : [];
    })
    .sort((a, b) => sign * (a.value - b.value))
    .slice(0, step.top);
  if (ranked.length === 0) return unmeasured(step.metric, scope, span, asked.now);

  const facts = ranked.map(({ id, name, own, value }): Fact => {
    const [mean, max] = [readingInWords(key, own.mean), readingInWords(key, own.max)];
    const said = `${nameInWords(name)}: ${noun} ${time} was ${mean} on average, ${max} at its highest.`;
    return fact(said, { subject: id, name, metric: key, value, ...span });
  });
  const worded = ranked.map(({ name, value }) => `${nameInWords(name)} (${readingInWords(key, value)})`);
  const most = step.order === "most" ? "the highest" : "the lowest";
  const how = step.by === "max" ? " at its peak" : " on average";
  const first = `${nameInWords(ranked[0]!.name)} has ${most} ${noun}${scope.words}: ${readingInWords(key, ranked[0]!.value)}${how} ${time}.`;
  const claims: Said[] = [say(first, facts[0]!)];
  if (ranked.length > 1)
    claims.push(
      say(
        sentence(`then ${ranked.length === 2 ? "comes" : "come"} ${namesInWords(worded.slice(1), 9)}.`),
        ...facts.slice(1),
      ),
    );
  const missing = chosen.length - stats.size;
  if (missing > 0 && cut.length === 0)
    claims.push(...(await unmeasured(step.metric, scope, span, asked.now, stats)).claims);
  return part([...claims, ...cut], {
    charts: chartsOf(
      ranked.map(({ id }) => id),
      [key],
      span,
    ),
  });
};
