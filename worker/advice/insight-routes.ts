import type { Insight, Outlook } from "../../contract/insights.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { maySee } from "../auth/principal.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { changeInsight, countInsights, findInsight, findOutlook, listInsights } from "../insights/store.ts";
import { findInstance } from "../instances/store.ts";
import { calling } from "../live/shard-client.ts";
import { sentinel } from "../sentinel-client.ts";
import { answerFor, explanationFor, refreshInsights, summaryFor } from "./asking.ts";

/** Insights and questions over HTTP: what is found is read as it was kept. */
export const insightRoutes = api({
  "GET /api/insights": async (c, { query }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { tags } = c.var.principal.person;
    const [page, counts, state] = await Promise.all([
      listInsights(db, query, tags, now),
      countInsights(db, tags, now),
      calling(async () => sentinel(c.env).insightState(tags)),
    ]);
    return { now, ...page, counts, state };
  },

  "GET /api/insight-summary": (c) => summaryFor(c),

  "GET /api/insights/:id": (c) => visibleInsight(c, database(c.env.DB)),

  "PATCH /api/insights/:id": async (c, { body: { isDismissed, useful } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { person } = c.var.principal;
    const before = await visibleInsight(c, db);
    await changeInsight(db, before.id, {
      ...(isDismissed === true && { dismissedAt: now, dismissedBy: person.name }),
      ...(isDismissed === false && { dismissedAt: null, dismissedBy: null }),
      ...(useful !== undefined && { useful }),
    });
    const after = [
      isDismissed !== undefined && (isDismissed ? "dismissed" : "shown again"),
      useful && `useful: ${useful}`,
    ];
    await recordDone(
      db,
      actorOf(c, c.var.principal),
      { action: "insight.changed", subject: before.title, after: after.filter(Boolean).join(", ") },
      now,
    );
    return visibleInsight(c, db);
  },

  "POST /api/insights/refresh": async (c) => {
    const now = Date.now();
    const waiting = await refreshInsights(c);
    const done = { action: "insights.refreshed", subject: `${waiting} instances` } as const;
    await recordDone(database(c.env.DB), actorOf(c, c.var.principal), done, now);
    return { now, waiting };
  },

  "POST /api/insights/ask": (c, { body: { question } }) => answerFor(c, question),

  "POST /api/incidents/:id/explanation": (c) => explanationFor(c, c.req.param("id")!),

  "GET /api/instances/:id/outlook": async (c): Promise<Outlook> => {
    const db = database(c.env.DB);
    const instance = await findInstance(db, c.req.param("id")!);
    if (!instance || !maySee(c.var.principal.person.tags, instance.tags)) {
      throw new NephosError("not_found", "There is no such instance.", {
        field: "id",
        remedy: "It may have been removed; the fleet page lists what there is.",
      });
    }
    const row = await findOutlook(db, instance.id);
    return { now: Date.now(), madeAt: row?.madeAt ?? null, bands: row?.bands ?? {}, spans: row?.spans ?? [] };
  },
});

async function visibleInsight(c: ApiContext, db: Database): Promise<Insight> {
  const found = await findInsight(db, c.req.param("id")!, c.var.principal.person.tags, Date.now());
  if (found) return found;
  throw new NephosError("not_found", "There is no such insight.", {
    field: "id",
    remedy: "It may be over; the insights page lists what holds now.",
  });
}
