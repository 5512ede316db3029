import type { AuditAction } from "../../contract/audit.ts";
import { recordDone } from "../audit/record.ts";
import type { ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { database } from "../db/client.ts";
import { shard, telling } from "../live/shard-client.ts";

/** Writes down what was done, then has it hold: the shard reads rules, silences and channels anew. */
export async function changed(
  c: ApiContext,
  action: AuditAction,
  subject: string,
  change: { before?: string; after?: string } = {},
): Promise<void> {
  await done(c, action, subject, change);
  await telling(async () => shard(c.env).rulesChanged());
}

/** Writes down what was done, where nothing else holds by it. */
export async function done(
  c: ApiContext,
  action: AuditAction,
  subject: string,
  change: { before?: string; after?: string } = {},
): Promise<void> {
  await recordDone(database(c.env.DB), actorOf(c, c.var.principal), { action, subject, ...change }, Date.now());
}
