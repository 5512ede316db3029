import type { AskMetric } from "../../../../contract/ask.ts";
import type { Insight } from "../../../../contract/insights.ts";
import { insightFact, titleOf } from "../../brief/insight-fact.ts";
import { fact, part, say, type Part, type Said } from "../../brief/part.ts";
import { lineInWords, nameInWords } from "../../brief/plain-name.ts";
import { untilInWords } from "../../words/duration.ts";
import { dayInWords, momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords, possessive } from "../../words/names.ts";
import { readingInWords } from "../../words/quantity.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { HOUR_MS } from "../calendar.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { untilOf, untilWords } from "../plan-words.ts";
import { allowances } from "./allowances.ts";
import { certificates } from "./certificates.ts";
import { isNobody, nobody, scopeOf, type Asked, type Query, type Scope } from "./query.ts";
import { statsFor } from "./series-stats.ts";

const SHOWN = 8;
const READ_MAX = 200;
/** Of so many that are named their reading is told where nothing is foretold. */
const TOLD_NOW = 5;

/** What will be full or run out: from the forecasts that stand. */
export const runsOut: Query<"runs_out"> = async (step, asked) => {
  const { reader, fleet, now } = asked;
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const until = untilOf(step, now);
  const foretold = await reader.insights({
    kinds: ["prediction"],
    within: null,
    subjects: scope.subjects,
    max: READ_MAX,
  });
  const due = foretold
    .filter((one) => isOf(step.metric, one) && one.at !== null && one.at <= until)
    .sort((a, b) => a.at! - b.at!);
  const ends = step.metric === "certificate" && due.length === 0 ? await certificates(scope, until, asked) : null;
  if (ends) return ends;
  const own = due.length > 0 ? soonest(due, step.metric, until, now) : await nothing(step.metric, scope, until, asked);
  if (step.metric !== "bandwidth") return own;
  const used = allowances(scope, now);
  return part([...own.claims, ...used.claims], { ...own, actions: own.actions });
};

function soonest(due: readonly Insight[], metric: AskMetric | null, until: EpochMs, now: EpochMs): Part {
  const shown = due.slice(0, SHOWN);
  const facts = shown.map(insightFact);
  const [one, many] = WHAT[metric ?? "any"] ?? WHAT["any"]!;
  const each = shown.map((insight) => `${namesOfInsight(insight)} ${inHowLong(insight, now)}`);
  const head = `${countOf(due.length, one, many)} ${untilWords(until, now)}: ${namesInWords(each, 3)}.`;
  const claims: Said[] = [say(head, ...facts)];
  shown.forEach((insight, index) => {
    const { earliestAt, latestAt } = insight;
    const range =
      earliestAt !== null && latestAt !== null
        ? `, between ${momentInWords(earliestAt, now)} and ${momentInWords(latestAt, now)}`
        : "";
    claims.push(
      say(
        titleOf(insight).replace(/\)\.$/, () => `${range}).`),
        facts[index]!,
      ),
    );
  });
  if (due.length > shown.length)
    claims.push(say(`The ${shown.length} soonest are listed here; the insights page has all.`, facts[0]!));
  const actions = shown.slice(0, 4).map((insight, index) => {
    const [first] = insight.actions;
    return say(
      first === undefined
        ? `Look at ${namesOfInsight(insight)} before ${dayInWords(insight.earliestAt ?? insight.at!, now)}.`
        : lineInWords(first),
      facts[index]!,
    );
  });
  return part(claims, { actions, charts: shown.flatMap(({ chart }) => chart ?? []).slice(0, 3) });
}

/** Nothing is foretold: because nothing fills, or because nobody can tell yet. */
async function nothing(metric: AskMetric | null, scope: Scope, until: EpochMs, { reader, now }: Asked): Promise<Part> {
  const sending = scope.instances.filter(({ intervalMs }) => intervalMs > 0);
  const { count, oldestAt } = await reader.forecasts(sending.map(({ id }) => id));
  const [one] = WHAT[metric ?? "any"] ?? WHAT["any"]!;
  const none = metric === null ? one.replace("thing", "nothing") : `no ${one}`;
  const claims: Said[] = [];
  if (sending.length === 0) {
    const nobodySends = fact(
      `None of the ${countOf(scope.instances.length, "instance")}${scope.words} sends readings.`,
      {
        value: 0,
      },
    );
    claims.push(say("It cannot be foretold: no agent sends readings.", nobodySends));
  } else if (count === 0) {
    const unforetold = fact(`Of ${countOf(sending.length, "instance")}${scope.words} no forecast stands.`, {
      value: 0,
    });
    claims.push(
      say(
        "It cannot be foretold yet: no forecast has been good enough on the past to be shown. It takes some days of history.",
        unforetold,
      ),
    );
  } else {
    const made = fact(
      `${count} of ${countOf(sending.length, "instance")}${scope.words} have forecasts, the oldest from ${momentInWords(oldestAt!, now)}; none says so.`,
      { value: count, to: until },
    );
    claims.push(say(`By the forecasts that stand, ${none} ${untilWords(until, now)}${scope.words}.`, made));
    if (count < sending.length)
      claims.push(
        say(
          `Of ${sending.length - count} of ${sending.length} instances it cannot be told: they have no forecast that was good enough on their past.`,
          made,
        ),
      );
  }
  claims.push(...(await nowOf(metric, sending, reader, now)));
  return part(claims);
}

/** How full it is now, of the few that are asked about. */
async function nowOf(
  metric: AskMetric | null,
  sending: Scope["instances"],
  reader: Asked["reader"],
  now: EpochMs,
): Promise<Said[]> {
  if (metric === null || metric === "bandwidth" || sending.length > TOLD_NOW || sending.length === 0) return [];
  const { key, noun } = ASKED_METRICS[metric];
  const stats = await statsFor(
    reader,
    sending.map(({ id }) => id),
    key,
    { from: now - 6 * HOUR_MS, to: now },
  );
  return sending.flatMap(({ id, name }) => {
    const own = stats.get(id);
    if (!own) return [];
    const text = `${possessive(nameInWords(name))} ${noun} is ${readingInWords(key, own.last)} now.`;
    return [say(text, fact(text, { subject: id, name, metric: key, value: own.last, to: own.lastAt }))];
  });
}

const WHAT: Record<string, readonly [one: string, many: string]> = {
  any: ["thing will be full or run out", "things will be full or run out"],
  disk: ["disk will be full", "disks will be full"],
  memory: ["instance will be out of memory", "instances will be out of memory"],
  inodes: ["filesystem will be out of inodes", "filesystems will be out of inodes"],
  bandwidth: ["traffic allowance will be used up", "traffic allowances will be used up"],
  certificate: ["certificate will run out", "certificates will run out"],
};

/** Whether a forecast is about what is asked for, by the series it was made from. */
function isOf(metric: AskMetric | null, { metrics }: Insight): boolean {
  if (metric === null) return true;
  const has = (begin: string) => metrics.some((key) => key.startsWith(begin));
  switch (metric) {
    case "disk":
      return metrics.some((key) => key.startsWith("filesystem_") && !key.startsWith("filesystem_inodes"));
    case "memory":
      return has("memory_") || has("swap_");
    case "bandwidth":
      return metrics.some((key) => key.includes("bandwidth") || key.startsWith("network_"));
    case "certificate":
      return has("certificate_");
    default:
      return has(ASKED_METRICS[metric].key);
  }
}

function namesOfInsight({ subjects }: Insight): string {
  return namesInWords(
    subjects.map(({ name }) => nameInWords(name)),
    2,
  );
}

function inHowLong({ at, earliestAt, latestAt }: Insight, now: EpochMs): string {
  const left = (moment: EpochMs | null) => (moment === null ? null : Math.max(0, moment - now));
  return at! <= now ? "now" : untilInWords(at! - now, left(earliestAt), left(latestAt));
}
