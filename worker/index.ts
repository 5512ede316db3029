import { sweepDesk } from "./accounts/desk-client.ts";
import { app } from "./app.ts";
import { database } from "./db/client.ts";
import { shard } from "./live/shard-client.ts";
import { runTick } from "./sentinel/tick.ts";
import { AUDIT_RETENTION_DAYS_DEFAULT, AUDIT_RETENTION_DAYS_MIN } from "./settings.ts";
import { usage } from "./usage.ts";
import { vaultOf } from "./vault/vault.ts";

export { SignInDesk } from "./accounts/sign-in-desk.ts";
export { FleetShard } from "./live/fleet-shard.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    usage.request();
    const others = {
      shard: async () => shard(env).tick(Date.now(), usage.take()),
      endStaleSockets: () => shard(env).endStaleSockets(),
      sweepDesk: () => sweepDesk(env),
      vault: () => vaultOf(env),
      auditRetentionMs: auditRetentionDays(env) * 86_400_000,
    };
    await runTick(database(env.DB), others, Date.now(), Date.now);
  },
} satisfies ExportedHandler<Env>;

function auditRetentionDays({ AUDIT_RETENTION_DAYS }: Env): number {
  const days = Number(AUDIT_RETENTION_DAYS) || AUDIT_RETENTION_DAYS_DEFAULT;
  return Math.max(AUDIT_RETENTION_DAYS_MIN, days);
}
