import type { D1Database } from "@cloudflare/workers-types";
import type { IncidentEventKind, IncidentState } from "../contract/incident-kinds.ts";
import type { NotificationKind, NotificationState } from "../contract/notifications.ts";
import type { EpochMs } from "../contract/units.ts";

/** What became of breaches, as it stands in the database. */
export interface AlertRows {
  incidents: { id: string; subject: string; state: IncidentState; openMembers: number; lastEvent: number }[];
  members: { incidentId: string; subject: string; resolvedAt: EpochMs | null }[];
  /** Each incident's in their order. */
  events: { incidentId: string; number: number; kind: IncidentEventKind }[];
  /** Those about an incident. */
  notifications: {
    id: string;
    channelId: string;
    incidentId: string;
    eventNumber: number;
    kind: NotificationKind;
    state: NotificationState;
    attempts: number;
    nextAt: EpochMs;
    answer: string | null;
  }[];
}

export async function alertRows(db: D1Database): Promise<AlertRows> {
  const all = async <Row>(sql: string) => (await db.prepare(sql).all<Row>()).results;
  return {
    incidents: await all(
      "SELECT id, subject, state, open_members AS openMembers, last_event AS lastEvent FROM incident ORDER BY opened_at",
    ),
    members: await all("SELECT incident_id AS incidentId, subject, resolved_at AS resolvedAt FROM incident_member"),
    events: await all(
      "SELECT incident_id AS incidentId, number, kind FROM incident_event ORDER BY incident_id, number",
    ),
    notifications: await all(
      `SELECT id, channel_id AS channelId, incident_id AS incidentId, event_number AS eventNumber, kind, state, attempts,
       next_at AS nextAt, answer FROM notification WHERE incident_id IS NOT NULL ORDER BY incident_id, event_number`,
    ),
  };
}
