import { unitOf, type SeriesKey } from "../../../../contract/metric.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords, possessive, sentence } from "../../words/names.ts";
import { percentInWords, readingInWords } from "../../words/quantity.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { spanInWords, spanOfStep, wholeInWords } from "../plan-words.ts";
import { allowances } from "./allowances.ts";
import { candidatesFor, type Candidate } from "./candidates.ts";
import { certificates } from "./certificates.ts";
import { chartsOf } from "./charts.ts";
import { isNobody, nobody, scopeOf, type Query } from "./query.ts";
import { statsFor, type Stats } from "./series-stats.ts";
import { unmeasured } from "./unmeasured.ts";

const MOVED_SHOWN = 3;
/** Less than this share, or this much of a ratio, is no difference worth the word. */
const SAME_SHARE = 0.05;
const SAME_RATIO = 0.01;
/** Of the span before so much has to be known: a comparison with its last hours would be one with another time of day. */
const KNOWN_LEAST = 0.5;

interface Pair extends Candidate {
  before: Stats;
  after: Stats;
}

/** A span beside the one before it. */
export const comparison: Query<"comparison"> = async (step, asked) => {
  const { reader, now } = asked;
  const scope = scopeOf(step, asked.fleet);
  if (isNobody(scope)) return nobody(asked.fleet);
  if (step.metric === "bandwidth") return allowances(scope, now);
  if (step.metric === "certificate") return certificates(scope, null, asked);
  const { key, noun } = ASKED_METRICS[step.metric];
  const span = spanOfStep(step, now);
  const length = span.to - span.from;
  const earlier = { from: span.from - length, to: span.from };
  const { chosen, cut } = candidatesFor(step.metric, "most", scope, { from: earlier.from, to: span.to });
  const ids = chosen.map(({ id }) => id);
  const [after, before] = [await statsFor(reader, ids, key, span), await statsFor(reader, ids, key, earlier)];
  if (after.size === 0) return unmeasured(step.metric, scope, span, now);
  const isKnown = ({ firstAt }: Stats) => earlier.to - firstAt >= length * KNOWN_LEAST;
  const pairs = chosen.flatMap((one): Pair[] => {
    const [was, is] = [before.get(one.id), after.get(one.id)];
    return was && is && isKnown(was) ? [{ ...one, before: was, after: is }] : [];
  });
  const time = spanInWords(span, now);
  if (pairs.length === 0) {
    const first = Math.min(...[...before.values(), ...after.values()].map(({ firstAt }) => firstAt));
    const since = fact(`The first reading of ${noun} in these two spans is from ${momentInWords(first, now)}.`, {
      metric: key,
      from: first,
    });
    return part([
      say(
        `It cannot be compared yet: there is not enough history of ${noun} before ${momentInWords(span.from, now)}.`,
        since,
      ),
    ]);
  }

  const value = (one: number) => readingInWords(key, one);
  const facts = new Map(
    [...pairs]
      .sort((a, b) => moved(b) - moved(a))
      .slice(0, 8)
      .map((pair) => {
        const words = `${possessive(nameInWords(pair.name))} ${noun} was ${value(pair.after.mean)} on average ${time}, and ${value(pair.before.mean)} in the ${wholeInWords(length)} before.`;
        return [
          pair,
          fact(words, {
            subject: pair.id,
            name: pair.name,
            metric: key,
            value: pair.after.mean,
            from: earlier.from,
            to: span.to,
          }),
        ];
      }),
  );
  const claims: Said[] = [];
  const beforehand = `in the ${wholeInWords(length)} before`;
  if (pairs.length === 1) {
    const [pair] = pairs as [Pair];
    claims.push(
      say(
        `${possessive(nameInWords(pair.name))} ${noun} ${verdict(key, pair.before.mean, pair.after.mean)}: ${value(pair.after.mean)} on average ${time}, after ${value(pair.before.mean)} ${beforehand}.`,
        facts.get(pair)!,
      ),
    );
  } else {
    const mean = (which: "before" | "after") => pairs.reduce((sum, pair) => sum + pair[which].mean, 0) / pairs.length;
    const [was, is] = [mean("before"), mean("after")];
    const all = `${noun} of ${countOf(pairs.length, ASKED_METRICS[step.metric].of)}${scope.words} ${verdict(key, was, is)}: ${value(is)} on average ${time}, after ${value(was)} ${beforehand}`;
    const whole = fact(`${sentence(all)}.`, { metric: key, value: is, from: earlier.from, to: span.to });
    claims.push(say(`${sentence(all)}.`, whole));
    const most = [...facts.keys()]
      .filter(({ before: b, after: a }) => !isSame(key, b.mean, a.mean))
      .slice(0, MOVED_SHOWN);
    const each = most.map(
      ({ name, before: b, after: a }) => `${nameInWords(name)} (${value(b.mean)} to ${value(a.mean)})`,
    );
    if (most.length > 0)
      claims.push(say(`It moved most on ${namesInWords(each, 3)}.`, ...most.map((pair) => facts.get(pair)!)));
  }
  const left = chosen.length - pairs.length;
  if (left > 0) {
    const short = fact(
      `Of ${countOf(left, ASKED_METRICS[step.metric].of)} there are not enough readings in both spans.`,
      { value: left },
    );
    claims.push(
      say(
        `${countOf(left, `${ASKED_METRICS[step.metric].of} is`, `${ASKED_METRICS[step.metric].of}s are`)} left out: there is not enough history to compare.`,
        short,
      ),
    );
  }
  const shown = [...facts.keys()].map(({ id }) => id);
  return part([...claims, ...cut], { charts: chartsOf(shown, [key], { from: earlier.from, to: span.to }) });
};

const moved = ({ before, after }: Pair) => Math.abs(after.mean - before.mean);

function isSame(key: SeriesKey, was: number, is: number): boolean {
  const isRatio = unitOf(key) === "ratio";
  if (isRatio && Math.abs(is - was) < SAME_RATIO) return true;
  return Math.abs(is - was) <= SAME_SHARE * Math.max(Math.abs(was), 1e-12) || is === was;
}

/** Of what is a share of something, so many percent more would be misunderstood. */
function verdict(key: SeriesKey, was: number, is: number): string {
  if (isSame(key, was, is)) return "is about the same";
  const direction = is > was ? "higher" : "lower";
  return unitOf(key) === "ratio" || was === 0
    ? `is ${direction}`
    : `is ${percentInWords(Math.abs(is - was) / was)} ${direction}`;
}
