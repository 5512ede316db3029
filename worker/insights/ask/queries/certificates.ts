import { fact, part, say, type Part } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { lengthInWords } from "../../words/duration.ts";
import { dayInWords, momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { DAY_MS } from "../calendar.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { untilWords } from "../plan-words.ts";
import { candidatesFor } from "./candidates.ts";
import { chartsOf } from "./charts.ts";
import type { Asked, Scope } from "./query.ts";
import { statsFor } from "./series-stats.ts";
import { unmeasured } from "./unmeasured.ts";

const SHOWN = 6;
/** A certificate is looked at with every round of its check. */
const LOOKED_BACK_MS = 2 * DAY_MS;
const SOON_MS = 14 * DAY_MS;

/** When certificates end, the soonest first; `until`: those that end by then are the answer, null: all of them. */
export async function certificates(scope: Scope, until: number | null, { reader, now }: Asked): Promise<Part> {
  const { key } = ASKED_METRICS.certificate;
  const span = { from: now - LOOKED_BACK_MS, to: now };
  const { chosen, cut } = candidatesFor("certificate", "least", scope, span);
  const stats = await statsFor(
    reader,
    chosen.map(({ id }) => id),
    key,
    span,
  );
  const all = chosen
    .flatMap(({ id, name }) => {
      const own = stats.get(id);
      return own ? [{ id, name, endsAt: own.lastAt + own.last * 1_000 }] : [];
    })
    .sort((a, b) => a.endsAt - b.endsAt);
  if (all.length === 0)
    return unmeasured("certificate", { ...scope, checks: scope.checks.filter(hasCertificate) }, span, now);
  const due = until === null ? all : all.filter(({ endsAt }) => endsAt <= until);
  const shown = (due.length > 0 ? due : all).slice(0, SHOWN);
  const facts = shown.map(({ id, name, endsAt }) => {
    const left = (endsAt - now) / 1_000;
    const when = left > 0 ? `is good until ${momentInWords(endsAt, now)}` : `ran out ${momentInWords(endsAt, now)}`;
    return fact(`The certificate of ${nameInWords(name)} ${when}.`, {
      subject: id,
      name,
      metric: key,
      value: left,
      to: endsAt,
    });
  });
  const each = shown.map(({ name, endsAt }) => `${nameInWords(name)} ${endsIn(endsAt, now)}`);
  const head =
    until === null || (all.length === 1 && due.length === 1)
      ? `The certificate that runs out first is that of ${each[0]}.`
      : due.length > 0
        ? `${countOf(due.length, "certificate runs", "certificates run")} out ${untilWords(until, now)}: ${namesInWords(each, 4)}.`
        : `No certificate runs out ${untilWords(until, now)}. The first one is that of ${each[0]}.`;
  const rest =
    head.includes(": ") || each.length < 2
      ? []
      : [say(`Then ${each.length === 2 ? "comes" : "come"} ${namesInWords(each.slice(1), 4)}.`, ...facts.slice(1))];
  const soon = shown.flatMap(({ name, endsAt }, index) =>
    endsAt - now < SOON_MS
      ? [
          say(
            `Renew the certificate of ${nameInWords(name)} before ${dayInWords(endsAt, now)}, and see why it was not renewed by itself.`,
            facts[index]!,
          ),
        ]
      : [],
  );
  return part([say(head, ...(rest.length > 0 ? facts.slice(0, 1) : facts)), ...rest, ...cut], {
    actions: soon,
    charts: chartsOf(
      shown.map(({ id }) => id),
      [key],
      span,
    ),
  });
}

const hasCertificate = ({ kind, isPaused }: Scope["checks"][number]) =>
  !isPaused && (kind === "http" || kind === "tls");

function endsIn(endsAt: number, now: number): string {
  const when = endsAt > now ? `in ${lengthInWords(endsAt - now)}` : `since ${lengthInWords(now - endsAt)}`;
  return `${when} (${dayInWords(endsAt, now)})`;
}
