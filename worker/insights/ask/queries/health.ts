import type { Verdict } from "../../../../contract/verdict.ts";
import { fact, part, say, type Fact, type Said } from "../../brief/part.ts";
import { lineInWords } from "../../brief/plain-name.ts";
import { lengthInWords } from "../../words/duration.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import type { KnownCheck, KnownInstance } from "../ask-reader.ts";
import { calledOf, isNobody, nobody, scopeOf, type Query } from "./query.ts";

const SHOWN = 8;

/** Who is up, and who is not. */
export const health: Query<"health"> = async (step, { fleet, now }) => {
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const there = scope.instances.filter(({ goneAt }) => goneAt === null);
  const of = (verdict: Verdict) => there.filter(({ judgement }) => judgement?.verdict === verdict);
  const [down, degraded, up] = [of("down"), of("degraded"), of("up")];
  const unknown = there.length - down.length - degraded.length - up.length;
  // What a check says of its instance is in the instance's verdict.
  const alone = scope.checks.filter(({ instanceId, judgement }) => instanceId === null && isBad(judgement?.verdict));
  const bad = [
    ...down,
    ...alone.filter(({ judgement }) => judgement?.verdict === "down"),
    ...degraded,
    ...alone.filter(({ judgement }) => judgement?.verdict === "degraded"),
  ];
  const silent = there.filter((one) => isSilent(one, now) && !isBad(one.judgement?.verdict));

  const counts = [
    `${up.length} up`,
    `${down.length} down`,
    `${degraded.length} degraded`,
    `${unknown} of which nobody can tell`,
  ];
  const all = fact(`Of ${countOf(there.length, "instance")}${scope.words}: ${namesInWords(counts, 4)}.`, {
    value: there.length,
    ...(there.length === 1 && { subject: there[0]!.id, name: there[0]!.name }),
  });
  const claims: Said[] = [];
  if (bad.length === 0 && there.length === 1) claims.push(ofOne(there[0]!, all, now));
  else if (bad.length === 0) {
    const head =
      unknown === there.length
        ? `Nobody can tell how the ${countOf(there.length, "instance")}${scope.words} are: nothing has looked at them yet.`
        : unknown === 0
          ? `Nothing is wrong: all ${countOf(there.length, "instance")}${scope.words} are up.`
          : `Nothing is known to be wrong: ${countOf(up.length, "instance")}${scope.words} of ${there.length} are up, and of ${unknown} nobody can tell.`;
    claims.push(say(head, all));
  } else {
    const parts = [
      count(down.length, "down"),
      count(degraded.length, "degraded"),
      alone.length > 0 ? countOf(alone.length, "check fails", "checks fail") : null,
    ].filter((words) => words !== null);
    const facts = bad.slice(0, SHOWN).map((one) => judged(one, now));
    const whole = `Of ${countOf(there.length, "instance")}${scope.words} ${down.length + degraded.length === 0 ? "none is down, but " : ""}${namesInWords(parts, 3)}`;
    if (there.length !== 1 || alone.length > 0)
      claims.push(say(`${whole}: ${namesInWords(bad.map(calledOf), 4)}.`, all, ...facts));
    bad.slice(0, SHOWN).forEach(({ name, judgement }, index) => {
      const { verdict, since, reason } = judgement!;
      claims.push(
        say(
          `${calledOf({ name })} has been ${verdict} for ${lengthInWords(now - since)}: ${lineInWords(reason)}.`,
          facts[index]!,
        ),
      );
    });
  }
  if (silent.length > 0) {
    const facts = silent.slice(0, 3).map((one) =>
      fact(`${calledOf(one)} sent its last sample ${momentInWords(one.lastSampleAt!, now)}.`, {
        subject: one.id,
        name: one.name,
        to: one.lastSampleAt,
      }),
    );
    claims.push(
      say(
        `${countOf(silent.length, "agent has", "agents have")} been silent for three intervals or more: ${namesInWords(silent.map(calledOf), 3)}.`,
        ...facts,
      ),
    );
  }
  const gone = scope.instances.length - there.length;
  if (gone > 0)
    claims.push(
      say(
        `${countOf(gone, "instance is", "instances are")} no longer listed by the provider.`,
        fact(`${countOf(gone, "instance is", "instances are")} gone from the provider's list.`, { value: gone }),
      ),
    );
  return part(claims);
};

function ofOne(one: KnownInstance, all: Fact, now: EpochMs): Said {
  const { judgement } = one;
  if (!judgement)
    return say(`Nobody can tell yet how ${calledOf(one)} is: no check, provider or agent has spoken for it.`, all);
  const since = `since ${momentInWords(judgement.since, now)}`;
  if (judgement.verdict === "up") return say(`${calledOf(one)} is up, ${since}.`, judged(one, now));
  return say(
    `It cannot be told how ${calledOf(one)} is, ${since}: ${lineInWords(judgement.reason)}.`,
    judged(one, now),
  );
}

function judged(one: KnownInstance | KnownCheck, now: EpochMs): Fact {
  const { verdict, since, reason } = one.judgement!;
  const words = `${calledOf(one)} is ${verdict === "unsure" ? "in an unknown state" : verdict} since ${momentInWords(since, now)}: ${lineInWords(reason)}.`;
  return fact(words, { subject: one.id, name: one.name, from: since });
}

/** As on the fleet page: three intervals without a sample. */
function isSilent({ intervalMs, lastSampleAt }: KnownInstance, now: EpochMs): boolean {
  return intervalMs > 0 && lastSampleAt !== null && now - lastSampleAt > 3 * intervalMs;
}

const isBad = (verdict: Verdict | undefined) => verdict === "down" || verdict === "degraded";
const count = (number: number, what: string) =>
  number === 0 ? null : `${number} ${number === 1 ? "is" : "are"} ${what}`;
