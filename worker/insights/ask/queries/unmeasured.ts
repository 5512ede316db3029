import type { AskMetric } from "../../../../contract/ask.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { fact, part, say, type Part } from "../../brief/part.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords, sentence } from "../../words/names.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { ASKED_METRICS } from "../metrics.ts";
import { spanInWords } from "../plan-words.ts";
import type { Span } from "../times.ts";
import type { Scope } from "./query.ts";

const SHOWN = 3;

/** Says of whom nothing was read in a span, and why as far as that is known. `read`: those of whom something was. */
export function unmeasured(
  metric: AskMetric,
  { instances, checks }: Scope,
  span: Span,
  now: EpochMs,
  read: ReadonlyMap<string, unknown> = new Map(),
): Part {
  const { noun, of } = ASKED_METRICS[metric];
  const all = of === "check" ? checks : instances;
  const missing = all.filter(({ id }) => !read.has(id));
  const time = spanInWords(span, now);
  if (missing.length === 0) {
    const none = fact(`Nothing measures ${noun}: there is no check that would.`, { value: 0, ...span });
    return part([say(`Nothing is known of ${noun}: no check measures it.`, none)], {
      actions: [
        say(
          "Add a check of a website or a port: it measures how fast it answers, and how long its certificate is good for.",
          none,
        ),
      ],
    });
  }
  const facts = missing.slice(0, SHOWN).map((one) => {
    const why =
      "intervalMs" in one ? silence(one, span, now) : one.isPaused ? "it is paused" : "it has not measured it";
    const words = `${nameInWords(one.name)} has no reading of ${noun} ${time}: ${why}.`;
    return fact(words, { subject: one.id, name: one.name, ...span });
  });
  const whom =
    missing.length <= SHOWN
      ? namesInWords(
          missing.map(({ name }) => nameInWords(name)),
          SHOWN,
        )
      : countOf(missing.length, of);
  const only = read.size === 0 && missing.length > 1 && missing.length === all.length ? "" : `from ${whom} `;
  const text = `no reading of ${noun} came ${only}${time}`;
  return part([say(`${sentence(text)}.`, ...facts)]);
}

function silence(
  { intervalMs, lastSampleAt, firstSeenAt }: { intervalMs: number; lastSampleAt: EpochMs | null; firstSeenAt: EpochMs },
  { from, to }: Span,
  now: EpochMs,
): string {
  if (intervalMs === 0) return "no agent sends for it";
  if (firstSeenAt >= to) return `it is known since ${momentInWords(firstSeenAt, now)} only`;
  if (lastSampleAt !== null && lastSampleAt < from) return `it was last heard ${momentInWords(lastSampleAt, now)}`;
  return "its agent did not send it";
}
