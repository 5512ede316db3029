import { app } from "./app.ts";
import { sentinel } from "./sentinel-client.ts";
import { shard } from "./live/shard-client.ts";
import { usage } from "./usage.ts";

export { SignInDesk } from "./accounts/sign-in-desk.ts";
export { RegionalProber } from "./checks/regional-prober.ts";
export { FleetShard } from "./live/fleet-shard.ts";
export { Sentinel } from "./sentinel/sentinel.ts";

export default {
  fetch: app.fetch,
  /** Only wakes the sentinel: cron itself has 10 ms of CPU on the Free plan. */
  async scheduled({ scheduledTime }, env, context) {
    usage.request();
    await sentinel(env).tick(scheduledTime);
    context.waitUntil(shard(env).report(usage.take()));
  },
} satisfies ExportedHandler<Env>;
