import { and, eq } from "drizzle-orm";
import type { Target } from "../../contract/checks.ts";
import type { Database } from "../db/client.ts";
import { changeCheck } from "./store.ts";
import { healthCheck } from "./table.ts";

/** An instance has another address: a check that was made with it, and that nobody has changed since, looks there. */
export async function moveDefaultChecks(db: Database, instanceId: string, from: string, to: string): Promise<void> {
  const isDefault = and(eq(healthCheck.instanceId, instanceId), eq(healthCheck.isDefault, true));
  for (const { id, target } of await db.select().from(healthCheck).where(isDefault)) {
    const moved = movedTarget(target, from, to);
    if (moved) await changeCheck(db, id, { target: moved, judgement: null });
  }
}

function movedTarget(target: Target, from: string, to: string): Target | undefined {
  if (target.kind === "http") {
    const url = new URL(target.url);
    if (url.hostname !== inUrl(from)) return undefined;
    url.hostname = inUrl(to);
    return { ...target, url: url.href };
  }
  if (target.kind !== "tcp" && target.kind !== "tls") return undefined;
  return target.host === from ? { ...target, host: to } : undefined;
}

const inUrl = (address: string) => (address.includes(":") ? `[${address}]` : address);
