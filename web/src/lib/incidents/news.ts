import type { Incident } from "../../../../contract/incidents.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** Of one that was not known before, what is older than this is no news. */
const FRESH_MS: DurationMs = 60_000;

export interface IncidentNews {
  text: string;
  tone: "good" | "bad";
  href: string;
}

/** How an incident stood before: `none`, it was not open; `unknown`, nobody here can say. */
export type Before = Incident | "none" | "unknown";

export function incidentHref(id: string): `/alerts/${string}` {
  return `/alerts/${encodeURIComponent(id)}`;
}

/** What is worth interrupting somebody for: a critical incident that opened or is over, unless it is silenced. */
export function newsOf(before: Before, after: Incident, now: EpochMs): IncidentNews | null {
  if (after.severity !== "critical" || after.isSilenced) return null;
  const href = incidentHref(after.id);
  if (after.state === "resolved") {
    const hasJustEnded =
      before === "unknown"
        ? now - (after.resolvedAt ?? 0) <= FRESH_MS
        : before !== "none" && before.state !== "resolved";
    return hasJustEnded ? { text: `Resolved: ${after.title}`, tone: "good", href } : null;
  }
  if (after.state === "acknowledged") return null;
  if (before === "unknown") {
    return now - after.openedAt <= FRESH_MS ? { text: `Critical: ${after.title}`, tone: "bad", href } : null;
  }
  const wasSo = before !== "none" && before.state !== "resolved" && before.severity === "critical";
  return wasSo ? null : { text: `Critical: ${after.title}`, tone: "bad", href };
}
