import type { EpochMs } from "../../contract/units.ts";
import type { Verdict, Witness } from "../../contract/verdict.ts";
import type { CheckWord } from "../../worker/checks/instance-verdict.ts";
import { responseTime } from "../../worker/checks/words.ts";
import { checkIdOf, DEMO_REGIONS, isHeartbeat, LOOKS, responseMsAt, spellsOf, type Look } from "./looks.ts";
import { CONNECTED_BEFORE_MS } from "./machines.ts";
import { spellAt, type Past, type Spell } from "./spells.ts";

/** What the demo's checks have been through; nobody has looked at one that is paused. */
export function checkPasts(bornAt: EpochMs): Past[] {
  const since = bornAt - CONNECTED_BEFORE_MS;
  return LOOKS.flatMap((look, number): Past[] => {
    if (look.isPaused) return [];
    const spells = spellsOf(look, number, bornAt);
    const witnessesAt = (at: EpochMs) => witnesses(look, number, spells, at);
    return [{ id: checkIdOf(look), spells, well: wellOf(look), since, witnessesAt }];
  });
}

/** What a check says of its instance when the demo begins. */
export function checkWord(look: Look, number: number, bornAt: EpochMs): CheckWord {
  const spell = spellAt(spellsOf(look, number, bornAt), bornAt);
  return {
    kind: isHeartbeat(look) ? "heartbeat" : look.kind === "http" ? "http" : "tcp",
    name: look.name,
    verdict: spell?.verdict ?? "up",
    reason: spell?.reason ?? wellOf(look),
    // Whatever is the matter with it, its machine answers.
    reachesHost: isHeartbeat(look) ? null : true,
    at: bornAt,
  };
}

/** What is said of it while it is well. */
export function wellOf(look: Look): string {
  if (isHeartbeat(look)) return "calls in time";
  return look.kind === "http" ? "HTTP answers" : "port answers";
}

const SAYS: Record<Verdict, Witness["says"]> = { up: "up", degraded: "slow", down: "down", unsure: "nothing" };

function witnesses(look: Look, number: number, spells: readonly Spell[], at: EpochMs): Witness[] {
  const spell = spellAt(spells, at);
  const says = SAYS[spell?.verdict ?? "up"];
  if (isHeartbeat(look)) {
    return [{ kind: "heartbeat", name: look.name, says, words: spell?.reason ?? wellOf(look), at }];
  }
  const words = wordsOf(look, spell, responseTime(responseMsAt(look, number, spells, at)));
  return DEMO_REGIONS.map((name) => ({ kind: "region", name, says, words, at }));
}

function wordsOf({ kind }: Look, spell: Spell | undefined, time: string): string {
  switch (spell?.verdict) {
    case "unsure":
      return "our prober did not answer";
    case "down":
      return /503/.test(spell.reason)
        ? "answered 503"
        : /refused/.test(spell.reason)
          ? "refused the connection"
          : "timed out";
    default:
      return kind === "http" ? `answered 200 in ${time}` : `connected in ${time}`;
  }
}
