import { sql, type SQL } from "drizzle-orm";
import type { ShownNotification } from "../../contract/notifications.ts";
import { findSeen } from "../alerts/incident-queries.ts";
import { isSeenIncident } from "../alerts/sight.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { shard, telling } from "../live/shard-client.ts";
import { discardNotifications, findNotifications, listNotifications, retryNotifications } from "../notify/store.ts";
import { done } from "./change.ts";

/** What was told, what waits, and what could not be told. */
export const notificationRoutes = api({
  "GET /api/notifications": async (c, { query }) => {
    const db = database(c.env.DB);
    return { now: Date.now(), notifications: await asSeen(c, db, await listNotifications(db, query, isSeen(c))) };
  },

  "POST /api/notification-actions": async (c, { body: { ids, action } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const seen = (await findNotifications(db, ids, isSeen(c))).map(({ id }) => id);
    if (seen.length === 0) {
      throw new NephosError("not_found", "There is no such notification.", {
        field: "ids",
        remedy: "It may be old and removed; look at the list anew.",
      });
    }
    const isRetry = action === "retry";
    const count = await (isRetry ? retryNotifications : discardNotifications)(db, seen, now);
    if (count > 0) {
      const subject = count === 1 ? "1 notification" : `${count} notifications`;
      await done(c, "notifications.changed", subject, { after: isRetry ? "tried again" : "given up" });
      if (isRetry) await telling(async () => shard(c.env).drainSoon());
    }
    return { now, notifications: await asSeen(c, db, await findNotifications(db, seen)) };
  },
});

/** Of the incidents that whoever asks may see; a digest may tell of others. */
function isSeen(c: ApiContext): SQL | undefined {
  const { tags } = c.var.principal.person;
  if (tags === null) return undefined;
  return sql`(notification.incident_id IS NULL AND notification.kind = 'trouble' OR EXISTS
    (SELECT 1 FROM incident WHERE incident.id = notification.incident_id AND ${isSeenIncident(tags)}))`;
}

/** Of an incident with hidden members the title is the one that whoever asks sees. */
async function asSeen(c: ApiContext, db: Database, all: readonly ShownNotification[]): Promise<ShownNotification[]> {
  const { tags } = c.var.principal.person;
  if (tags === null) return [...all];
  const incidents = await findSeen(db, [...new Set(all.flatMap(({ incidentId }) => incidentId ?? []))], tags);
  const titles = new Map(
    incidents.flatMap(({ incident, isWhole }) => (isWhole ? [] : [[incident.id, incident.title]])),
  );
  return all.map((one) => ({ ...one, title: titles.get(one.incidentId ?? "") ?? one.title }));
}
