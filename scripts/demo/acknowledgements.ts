import type { RuleKind } from "../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { IncidentRow } from "../../worker/alerts/table.ts";
import { hashOf } from "../../worker/auth/secret.ts";
import { checkIdOf, LOOKS } from "./looks.ts";
import { pick } from "./noise.ts";

const MINUTE_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 60 * MINUTE_MS;

/** Who is on call in the demo. */
export const PEOPLE = ["Ana Ribeiro", "Jonas Weber"] as const;

/** That somebody has taken an incident on, so long after it opened. */
export interface Acknowledgement {
  afterMs: DurationMs;
  by: string;
  note: string;
}

/** Of what is still open when the demo begins only this has been taken on. */
const BACKUP = checkIdOf(LOOKS.find(({ kind }) => kind === "late beat")!);
const BACKUP_NOTE = "The backup host ran out of space. Making room, then I start it by hand.";

const NOTES: Partial<Record<RuleKind, readonly string[]>> = {
  verdict: [
    "Looking at it.",
    "A deploy went wrong. Rolling back.",
    "The load balancer took it out by mistake. Putting it back.",
    "Restarted the service, watching it.",
  ],
  metric: ["The import runs late today. It ends by itself.", "Known, the larger plan is ordered."],
};

/** By incident, the same each time; null where nobody did. */
export function acknowledgementOf(
  { subject, kind, openedAt, isSilenced }: Pick<IncidentRow, "subject" | "kind" | "openedAt" | "isSilenced">,
  bornAt: EpochMs,
): Acknowledgement | null {
  if (subject === BACKUP) return { afterMs: 9 * MINUTE_MS, by: PEOPLE[0], note: BACKUP_NOTE };
  const notes = NOTES[kind];
  if (!notes || isSilenced || openedAt > bornAt - 4 * HOUR_MS) return null;
  const seed = Number.parseInt(hashOf(subject).slice(0, 6), 16);
  const hour = Math.round((bornAt - openedAt) / HOUR_MS);
  if (pick(seed, hour) > (kind === "verdict" ? 0.7 : 0.3)) return null;
  const afterMs = Math.round((2 + 12 * pick(seed, hour + 1)) * MINUTE_MS);
  const by = PEOPLE[Math.floor(PEOPLE.length * pick(seed, hour + 2))]!;
  return { afterMs, by, note: notes[Math.floor(notes.length * pick(seed, hour + 3))]! };
}
