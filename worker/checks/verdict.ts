import type { Target } from "../../contract/checks.ts";
import { REGION_NAMES, type Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Witness } from "../../contract/verdict.ts";
import { mostFrequent, named, type FailedResult, type NamedFailure } from "./failure-words.ts";
import type { Finding } from "./judgement.ts";
import type { Failure } from "./probe.ts";
import { heardOf, responseMsOf, wordsOf, type Answer } from "./round.ts";
import { placeNames, responseTime, subjectOf } from "./words.ts";

/** What of a check its verdict depends on. */
export interface JudgedCheck {
  target: Target;
  slowMs: DurationMs;
  badMs: DurationMs;
}

export interface RoundFinding extends Finding {
  /** The median of the good answers. */
  responseMs: DurationMs | null;
  /** Whether anybody got as far as the host; null where nobody could tell. */
  reachesHost: boolean | null;
}

/** A time that wobbles about a limit would be news with every round: who was past it has to come well below. */
const EASES_AT = 0.8;
const PACES = ["very slow", "slow"] as const;
/** These say that no connection stood. A timeout says so too where the platform did not see one. */
const BEFORE_HOST: readonly Failure[] = ["name", "unreachable"];

interface FailedAnswer {
  region: Region;
  result: FailedResult;
}

/**
 * What a round comes to. Only regions that could look have a voice: `down` takes at least two of them and more than half; what fails on
 * our own side is `unsure`. `before` is what the round before came to.
 */
export function judgeRound(
  check: JudgedCheck,
  answers: readonly Answer[],
  now: EpochMs,
  before: Finding | null = null,
): RoundFinding {
  const order = answers.toSorted((a, b) => REGION_NAMES.indexOf(a.region) - REGION_NAMES.indexOf(b.region));
  const good = order.filter((answer) => heardOf(answer) === "good");
  const failed = order.filter((answer) => heardOf(answer) === "failed") as FailedAnswer[];
  const responseMs = median(good.map((answer) => responseMsOf(answer)!));
  return {
    ...conclusion(check, order, good, failed, responseMs, before),
    witnesses: order.map((answer) => witnessOf(answer, check, now)),
    responseMs,
    reachesHost: reachesHost(check, good, failed),
  };
}

function conclusion(
  check: JudgedCheck,
  order: readonly Answer[],
  good: readonly Answer[],
  failed: readonly FailedAnswer[],
  responseMs: DurationMs | null,
  before: Finding | null,
): Pick<Finding, "verdict" | "reason"> {
  const subject = subjectOf(check.target);
  if (failed.length > 0) return split(subject, good, failed);
  if (good.length === 0) return { verdict: "unsure", reason: whyBlind(order, subject) };
  const warned = good.find(({ result }) => result!.kind === "warning");
  if (warned) return { verdict: "degraded", reason: `${subject} ${wordsOf(warned)}` };
  const pace = paceOf(responseMs!, check, before);
  if (pace) return { verdict: "degraded", reason: `${pace}: ${responseTime(responseMs!)}` };
  return { verdict: "up", reason: `${subject} answers` };
}

/** Somebody failed: all, more than half, half, or a few. */
function split(
  subject: string,
  good: readonly Answer[],
  failed: readonly FailedAnswer[],
): Pick<Finding, "verdict" | "reason"> {
  const { leading, count } = mostFrequent(failed.map(({ result }) => named(result, subject)));
  const isMixed = count < failed.length;
  if (failed.length >= 2 && failed.length > good.length) {
    const rest = isMixed ? `, failed otherwise from ${failed.length - count}` : "";
    return { verdict: "down", reason: `${seenBy(leading)} ${count} of ${failed.length + good.length} regions${rest}` };
  }
  const what = isMixed ? `${subject} failed from` : seenBy(leading);
  const where = `${what} ${placeNames(failed.map(({ region }) => region))}`;
  if (good.length === 0) return { verdict: "unsure", reason: `${where}; nobody else could look` };
  if (failed.length < good.length) return { verdict: "degraded", reason: `${where} only` };
  return { verdict: "unsure", reason: `${where}, well from ${placeNames(good.map(({ region }) => region))}` };
}

const seenBy = ({ what, seen }: NamedFailure) => `${what}${seen}`;

function whyBlind(order: readonly Answer[], subject: string): string {
  const forbidden = order.find((answer) => heardOf(answer) === "forbidden");
  return forbidden ? `${subject} ${wordsOf(forbidden)}` : "our own probers failed";
}

function paceOf(
  responseMs: DurationMs,
  { slowMs, badMs }: JudgedCheck,
  before: Finding | null,
): (typeof PACES)[number] | undefined {
  const was = PACES.findIndex((pace) => before?.reason.startsWith(`${pace}: `));
  return PACES.find((_, index) => {
    const limit = index === 0 ? badMs : slowMs;
    return responseMs >= (was !== -1 && was <= index ? limit * EASES_AT : limit);
  });
}

function witnessOf(answer: Answer, { slowMs }: JudgedCheck, now: EpochMs): Witness {
  const heard = heardOf(answer);
  const isSlow = (responseMsOf(answer) ?? 0) >= slowMs;
  return {
    kind: "region",
    name: answer.region,
    says: heard === "failed" ? "down" : heard !== "good" ? "nothing" : isSlow ? "slow" : "up",
    words: wordsOf(answer),
    // The object that looked may run ahead of the one that judges.
    at: Math.min(answer.result?.at ?? answer.at, now),
  };
}

/** What a resolver says of a name says nothing of the host. */
function reachesHost(
  { target }: JudgedCheck,
  good: readonly Answer[],
  failed: readonly FailedAnswer[],
): boolean | null {
  if (target.kind === "dns" || good.length + failed.length === 0) return null;
  return good.length > 0 || failed.some(({ result }) => wasConnected(result));
}

function wasConnected({ failure, phases }: FailedResult): boolean {
  return failure === "timeout" ? phases.connectMs !== null : !BEFORE_HOST.includes(failure);
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}
