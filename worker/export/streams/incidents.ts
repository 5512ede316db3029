import { and, asc, gt, ne, or, sql } from "drizzle-orm";
import type { IncidentState } from "../../../contract/incident-kinds.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { incident, type IncidentRow } from "../../alerts/table.ts";
import { INCIDENTS_KEPT_MS } from "../../settings.ts";
import { momentOrNull, momentText, type LandingRow } from "../batch.ts";
import { ALERTS } from "../landing.ts";
import { minuteText, type OutgoingStream, type StreamParts } from "./stream.ts";
import { openThings, type ThingPlace } from "./thing-stream.ts";

const ROWS_MAX = 500;
/** Looked at again although it was sent: a clock that stepped back has written earlier moments meanwhile. */
const AGAIN_MS: DurationMs = 8 * 86_400_000;

const STATUS_OF: Record<IncidentState, string> = { open: "active", acknowledged: "acknowledged", resolved: "resolved" };

type Note = [updatedAt: EpochMs, isOpen: 0 | 1];

/** Incidents by when they changed, with those that are open. */
export function openIncidents(parts: StreamParts): OutgoingStream {
  const { db, now, exportedAt } = parts;
  let from: EpochMs | undefined;
  return openThings<IncidentRow, Note>(parts, {
    table: ALERTS,
    readAfter: (last, place) => {
      from ??= beginningOf(place, now);
      return db
        .select()
        .from(incident)
        .where(
          and(
            or(gt(incident.updatedAt, from), ne(incident.state, "resolved")),
            last ? sql`(${incident.updatedAt}, ${incident.id}) > (${last.updatedAt}, ${last.id})` : undefined,
          ),
        )
        .orderBy(asc(incident.updatedAt), asc(incident.id))
        .limit(ROWS_MAX);
    },
    rowOf,
    noteOf: ({ updatedAt, state }) => [updatedAt, state === "resolved" ? 0 : 1],
    goneRow: () => null,
    stampedWith: { EXPORTED_AT: exportedAt },
    tidy: (place) => {
      const kept = beginningOf(place, now);
      for (const [id, [, [updatedAt, isOpen]]] of Object.entries(place.sent)) {
        if (isOpen === 0 && updatedAt <= kept) delete place.sent[id];
      }
    },
    missed: (allSentAt) =>
      allSentAt < now - INCIDENTS_KEPT_MS
        ? `Of those that were over between ${minuteText(allSentAt)} and ${minuteText(now - INCIDENTS_KEPT_MS)} UTC some may be missing: they were no longer kept here when they could be sent.`
        : null,
  });
}

/** Resolved ones that changed before are sent, and change no more. */
function beginningOf({ sent }: ThingPlace<Note>, now: EpochMs): EpochMs {
  const last = Object.values(sent).reduce((latest, [, [updatedAt]]) => Math.max(latest, updatedAt), 0);
  return Math.min(last, now) - AGAIN_MS;
}

function rowOf(row: IncidentRow): LandingRow {
  return {
    ID: row.id,
    INSTANCE_ID: row.instanceId,
    ALERT_TYPE: row.kind,
    SEVERITY: row.severity === "critical" ? "critical" : "high",
    MESSAGE: row.reason,
    STATUS: STATUS_OF[row.state],
    CREATED_AT: momentText(row.openedAt),
    UPDATED_AT: momentText(row.updatedAt),
    RESOLVED_AT: momentOrNull(row.resolvedAt),
    ACKNOWLEDGED_AT: momentOrNull(row.acknowledgedAt),
    TITLE: row.title,
    RULE_NAME: row.ruleName,
    SUBJECT: row.subject,
    MEMBER_COUNT: row.members,
    TAGS: row.tags,
  };
}
