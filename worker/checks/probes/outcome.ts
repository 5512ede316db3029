import type { Failure, Phases, ProbeOutcome } from "../probe.ts";

/** How outcomes are said. */

export function failed(failure: Failure, words: string, phases: Phases): ProbeOutcome {
  return { kind: "failed", failure, words, phases };
}

/** Nothing was learnt of the target. */
export function unable(words: string): ProbeOutcome {
  return { kind: "unable", words };
}

/** What was sent by others or is long, as it may stand in a sentence. */
export function quoted(text: string): string {
  const clean = text.replace(/\p{Cc}/gu, " ");
  return `"${clean.length > QUOTE_LENGTH_MAX ? `${clean.slice(0, QUOTE_LENGTH_MAX)}…` : clean}"`;
}

const QUOTE_LENGTH_MAX = 60;
