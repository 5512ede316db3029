import { INSTANCE_EVENTS } from "../../../../contract/event-kinds.ts";
import type { InstanceEvent } from "../../../../contract/events.ts";
import type { Verdict } from "../../../../contract/verdict.ts";
import { STANDING_WORDS } from "../verdict/verdict-words.ts";

export interface EventWords {
  title: string;
  detail?: string;
  /** What it became, where the event is a verdict. */
  verdict?: Verdict;
}

/** What happened to an instance, as a person would tell it. `provider`: what its cloud is called. */
export function eventInWords({ kind, what, before, after }: InstanceEvent, provider = "its provider"): EventWords {
  switch (kind) {
    case "verdict":
      return verdictInWords(what, before, after);
    case "changed":
      return { title: changeInWords(what, before, after) };
    case "renamed":
      return { title: before && after ? `Renamed: ${before} → ${after}` : "Renamed" };
    case "gone":
      return { title: `Gone: no longer listed by ${provider}` };
    case "back":
      return { title: `Back: listed by ${provider} again` };
    case "merged":
      return { title: INSTANCE_EVENTS.merged, ...(before ? { detail: `It was ${before} before` } : {}) };
    case "stopped":
    case "started":
      return { title: INSTANCE_EVENTS[kind], ...(after ? { detail: `${provider} says ${after}` } : {}) };
    case "added":
      return { title: INSTANCE_EVENTS.added, ...(after ? { detail: `as ${after}` } : {}) };
  }
}

function verdictInWords(reason: string | null, before: string | null, after: string | null): EventWords {
  const words = [before, after].filter(isVerdict).map((verdict) => STANDING_WORDS[verdict]);
  return {
    title: words.length > 0 ? words.join(" → ") : "Judged anew",
    ...(reason ? { detail: reason } : {}),
    ...(isVerdict(after) ? { verdict: after } : {}),
  };
}

function isVerdict(word: string | null): word is Verdict {
  return word !== null && Object.hasOwn(STANDING_WORDS, word) && word !== "waiting" && word !== "paused";
}

/** Facts whose name in the API is not what a person would call them. */
const SUBJECTS: Record<string, string> = {
  publicAddresses: "Public addresses",
  privateAddresses: "Private addresses",
  impaired: "Impairment",
};

/** `Plan changed: vc2-1c-1gb → vc2-2c-4gb`. What is not there on one side is said as that. */
function changeInWords(what: string | null, before: string | null, after: string | null): string {
  const subject = what === null ? "Something" : (SUBJECTS[what] ?? capital(what));
  if (before || after) return `${subject} changed: ${before ?? "none"} → ${after ?? "none"}`;
  return `${subject} changed`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
