import type { Health } from "../../contract/health.ts";
import type { EpochMs } from "../../contract/units.ts";
import { version } from "../../package.json";
import { api } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { HEALTH_CACHE_MS, TICK_LATE_AFTER_MS } from "../settings.ts";
import { lastTick } from "./store.ts";

let remembered: { at: EpochMs; lastTickAt: EpochMs | null; steps: Health["steps"] } | undefined;

/** Public: is this Nephos itself well. Says no more than that, and costs next to nothing however often it is asked. */
export const healthRoutes = api({
  "GET /api/health": async (c) => {
    const now = Date.now();
    if (!remembered || now - remembered.at > HEALTH_CACHE_MS) {
      const tick = await lastTick(database(c.env.DB));
      const steps = (tick?.steps ?? []).map(({ name, lastAt, durationMs, isOk, isUnfinished }) => {
        return { name, lastAt, durationMs, isOk, isUnfinished };
      });
      remembered = { at: now, lastTickAt: tick?.finishedAt ?? null, steps };
    }
    const { lastTickAt, steps } = remembered;
    const isLate = lastTickAt !== null && now - lastTickAt > TICK_LATE_AFTER_MS;
    const isWell = !isLate && steps.every(({ isOk }) => isOk);
    return { status: isWell ? "ok" : "degraded", version, lastTickAt, steps };
  },
});
