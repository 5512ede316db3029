import { isIP } from "node:net";
import { and, eq, sql } from "drizzle-orm";
import type { Target } from "../../contract/checks.ts";
import type { Database } from "../db/client.ts";
import { healthCheck } from "./table.ts";

/**
 * Instances have other addresses: a check that was made with its instance, and that nobody has changed since, looks there. One that looks
 * at a name follows the name.
 */
export async function moveDefaultChecks(db: Database, moved: readonly { id: string; to: string }[]): Promise<void> {
  if (moved.length === 0) return;
  const places = new Map(moved.map(({ id, to }) => [id, to]));
  const among = sql`${healthCheck.instanceId} IN (SELECT value FROM json_each(${JSON.stringify([...places.keys()])}))`;
  const rows = await db
    .select()
    .from(healthCheck)
    .where(and(eq(healthCheck.isDefault, true), among));
  const changes = rows.flatMap(({ id, instanceId, target }) => {
    const to = movedTarget(target, places.get(instanceId!)!);
    return to ? [{ id, target: to }] : [];
  });
  if (changes.length === 0) return;
  await db.$client
    .prepare(
      `UPDATE health_check SET target = moved.value -> 'target', judgement = NULL FROM json_each(?1) AS moved
       WHERE health_check.id = moved.value ->> 'id'`,
    )
    .bind(JSON.stringify(changes))
    .run();
}

function movedTarget(target: Target, to: string): Target | undefined {
  if (target.kind === "http") {
    const url = new URL(target.url);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) === 0 || host === to) return undefined;
    url.hostname = to.includes(":") ? `[${to}]` : to;
    return { ...target, url: url.href };
  }
  if (target.kind !== "tcp" && target.kind !== "tls") return undefined;
  return isIP(target.host) !== 0 && target.host !== to ? { ...target, host: to } : undefined;
}
