import { uptimeRatio } from "../../../../contract/uptime.ts";
import type { Uptime } from "../../../../contract/verdict.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { lengthInWords } from "../../words/duration.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { countInWords } from "../../words/quantity.ts";
import { UPTIME_SUBJECTS_MAX } from "../ask-reader.ts";
import { DAY_MS } from "../calendar.ts";
import { spanInWords, spanOfStep } from "../plan-words.ts";
import { calledOf, isNobody, nobody, scopeOf, worstFirst, type Query } from "./query.ts";

const SHOWN = 5;

/** Who was up, and for how much of the time in which somebody could tell. Counted by whole days. */
export const uptime: Query<"uptime"> = async (step, { reader, fleet, now }) => {
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const span = spanOfStep(step, now);
  const time = spanInWords(span, now);
  // A check of an instance tells of the instance.
  const everybody = [
    ...scope.instances,
    ...scope.checks.filter(({ instanceId }) => instanceId === null || scope.instances.length === 0),
  ].sort(worstFirst);
  const all = everybody.slice(0, UPTIME_SUBJECTS_MAX);
  const toDay = Math.floor((span.to - 1) / DAY_MS);
  const fromDay = toDay - Math.ceil(step.overDays - 1e-6) + 1;
  const sums = await reader.uptime({ ids: all.map(({ id }) => id), fromDay, toDay });
  const known = all.flatMap((one) => {
    const sum = sums.get(one.id);
    const ratio = sum ? uptimeRatio(sum) : null;
    return sum && ratio !== null ? [{ ...one, sum, ratio }] : [];
  });
  if (known.length === 0) {
    const none = fact(
      `No uptime is known ${time} of ${countOf(all.length, "instance or check", "instances and checks")}.`,
      { value: 0, ...span },
    );
    return part([say(`No uptime is known ${time}: nothing has looked from outside in that time.`, none)], {
      actions: [say("Add a check: it looks from several regions, and uptime is counted from it.", none)],
    });
  }
  const sign = step.order === "worst" ? 1 : -1;
  known.sort((a, b) => sign * (a.ratio - b.ratio) || sign * (b.sum.downSeconds - a.sum.downSeconds));
  const shown = known.slice(0, SHOWN);
  const spanSeconds = (span.to - span.from) / 1_000;
  const facts = shown.map(({ id, name, sum, ratio }) => {
    const unknown =
      sum.unknownSeconds >= 60 ? `; for ${lengthInWords(sum.unknownSeconds * 1_000)} nobody could tell` : "";
    const words = `${calledOf({ name })} was up for ${uptimeInWords(ratio)} of ${timeKnown(sum, spanSeconds)} ${time}, and down for ${lengthOf(sum.downSeconds)}${unknown}.`;
    return fact(words, { subject: id, name, metric: "uptime_ratio", value: ratio, ...span });
  });
  const claims: Said[] = [];
  const [first] = shown as [(typeof shown)[number]];
  const perfect = known.filter(({ sum }) => sum.downSeconds === 0).length;
  if (known.length === 1)
    claims.push(
      say(
        `${calledOf(first)} was up for ${uptimeInWords(first.ratio)} of ${timeKnown(first.sum, spanSeconds)} ${time}: it was down for ${lengthOf(first.sum.downSeconds)}.`,
        facts[0]!,
      ),
    );
  else if (step.order === "worst" && first.sum.downSeconds === 0)
    claims.push(
      say(
        `Nobody was down ${time}${scope.words}: all ${known.length} of whom it is known were up the whole time.`,
        ...facts,
      ),
    );
  else {
    const which = step.order === "worst" ? "The worst uptime" : "The best uptime";
    claims.push(
      say(
        `${which}${scope.words} ${time} is that of ${calledOf(first)}: ${uptimeInWords(first.ratio)}, down for ${lengthOf(first.sum.downSeconds)}.`,
        facts[0]!,
      ),
    );
    const more = shown.slice(1).map((one) => `${calledOf(one)} (${uptimeInWords(one.ratio)})`);
    claims.push(say(`Then ${more.length === 1 ? "comes" : "come"} ${namesInWords(more, 4)}.`, ...facts.slice(1)));
    if (perfect > 0)
      claims.push(
        say(
          `${perfect} of ${known.length} were never down in that time.`,
          fact(`${perfect} of ${known.length} have no second of downtime ${time}.`, { value: perfect, ...span }),
        ),
      );
  }
  if (all.length < everybody.length) {
    const [some, of] = [countInWords(all.length), countInWords(everybody.length)];
    const looked = fact(`Uptime was added up for ${some} of ${of}: those that are not well now first.`, {
      value: all.length,
    });
    claims.push(
      say(`This is from ${some} of ${of}, those that are not well now first; the others were not looked at.`, looked),
    );
  }
  const missing = all.length - known.length;
  if (missing > 0)
    claims.push(
      say(
        `Of ${missing} more nothing is known: nothing looked at them from outside.`,
        fact(`Of ${missing} of ${all.length} there is no uptime ${time}.`, { value: missing, ...span }),
      ),
    );
  return part(claims);
};

/** Of most of a span that is the time; of what is known of it otherwise. */
function timeKnown({ upSeconds, degradedSeconds, downSeconds }: Uptime, spanSeconds: number): string {
  const seconds = upSeconds + degradedSeconds + downSeconds;
  return seconds >= 0.9 * spanSeconds ? "the time" : `the ${lengthInWords(seconds * 1_000)} that are known`;
}

/** 99.99 % is not 100 %. */
function uptimeInWords(ratio: number): string {
  if (ratio === 1) return "100 %";
  const percent = Math.min(99.999, ratio * 100);
  return `${Number(percent.toFixed(percent > 99 ? 3 : 1))} %`;
}

const lengthOf = (seconds: number) => (seconds === 0 ? "no time at all" : lengthInWords(seconds * 1_000));
