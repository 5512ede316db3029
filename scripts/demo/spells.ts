import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Judgement, Verdict, Witness } from "../../contract/verdict.ts";
import type { UptimeDay } from "../../worker/checks/table.ts";
import { pick } from "./noise.ts";

const MINUTE_MS: DurationMs = 60_000;
const DAY_MS: DurationMs = 86_400_000;

/** A time in which something was not well; between them it is up. Uptime, verdicts and series of the past are all told from these. */
export interface Spell {
  from: EpochMs;
  to: EpochMs;
  verdict: Exclude<Verdict, "up">;
  reason: string;
}

/** What something has been through, and what was said of it while it was well. */
export interface Past {
  id: string;
  spells: readonly Spell[];
  well: string;
  since: EpochMs;
  /** Who was heard at a moment; absent: nothing is kept of that. */
  witnessesAt?(at: EpochMs): Witness[];
}

/** The spells in order; of two that overlap the first one given counts. */
export function inOrder(spells: readonly Spell[]): Spell[] {
  const taken: Spell[] = [];
  for (const spell of spells) {
    if (taken.every(({ from, to }) => spell.to <= from || spell.from >= to)) taken.push(spell);
  }
  return taken.sort((a, b) => a.from - b.from);
}

/** A few bad hours of the last 97 days, the same ones each time, none of them in the last two. */
export function oldSpells(number: number, words: { down: string; slow: string }, bornAt: EpochMs): Spell[] {
  const count = 1 + Math.floor(4.5 * pick(number, 300));
  return Array.from({ length: count }, (_, at) => {
    const isDown = pick(number, 310 + at) < 0.55;
    const from = bornAt - Math.round((2.2 + 95 * pick(number, 320 + at)) * DAY_MS);
    const minutes = isDown ? 4 + 50 * pick(number, 330 + at) ** 2 : 30 + 200 * pick(number, 330 + at);
    const to = from + Math.round(minutes * MINUTE_MS);
    return { from, to, verdict: isDown ? "down" : "degraded", reason: isDown ? words.down : words.slow };
  });
}

export function spellAt(spells: readonly Spell[], at: EpochMs): Spell | undefined {
  return spells.find(({ from, to }) => at >= from && at < to);
}

/** Every verdict from `since` to `until`, oldest first. */
export function judgementsOf(spells: readonly Spell[], well: string, since: EpochMs, until: EpochMs): Judgement[] {
  const up = (at: EpochMs): Judgement => ({ verdict: "up", since: at, reason: well, witnesses: [] });
  const judgements = [up(since)];
  for (const { from, to, verdict, reason } of spells) {
    if (from < since || from > until) continue;
    judgements.push({ verdict, since: from, reason, witnesses: [] });
    if (to <= until) judgements.push(up(to));
  }
  return judgements;
}

const COLUMN = { up: 1, degraded: 2, down: 3, unsure: 4 } as const;

/** The time from `since` to `until` by UTC day and verdict, as it is stored. */
export function uptimeDays(spells: readonly Spell[], since: EpochMs, until: EpochMs): UptimeDay[] {
  const days: UptimeDay[] = [];
  for (let day = Math.floor(since / DAY_MS); day * DAY_MS < until; day++) {
    const [from, to] = [Math.max(since, day * DAY_MS), Math.min(until, (day + 1) * DAY_MS)];
    const row: UptimeDay = [day, seconds(to - from), 0, 0, 0];
    for (const spell of spells) {
      const lost = seconds(Math.min(to, spell.to) - Math.max(from, spell.from));
      if (lost <= 0) continue;
      row[COLUMN[spell.verdict]] += lost;
      row[COLUMN.up] -= lost;
    }
    days.push(row);
  }
  return days;
}

const seconds = (span: DurationMs) => Math.round(span / 1_000);
