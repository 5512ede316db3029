import { accessCost } from "./auth-cost.ts";
import { walkRoutes } from "./auth-routes.ts";
import { revokeEffect } from "./auth-revoke.ts";
import { migrate } from "./seed.ts";
import { requireProc } from "./usage.ts";
import { startWorkerd } from "./workerd.ts";

/** What it costs to know who asks, how soon a revoked token is refused, and whether anybody gets in who should not. */
export async function auth(): Promise<Record<string, number>> {
  requireProc();
  const workerd = await startWorkerd();
  try {
    await migrate(workerd.url.d1);
    return { ...(await accessCost(workerd)), ...(await revokeEffect(workerd)), ...(await walkRoutes(workerd)) };
  } finally {
    await workerd.stop();
  }
}
