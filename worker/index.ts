import { app } from "./app.ts";
import { database } from "./db/client.ts";
import { shard } from "./live/shard-client.ts";
import { runTick } from "./sentinel/tick.ts";

export { FleetShard } from "./live/fleet-shard.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await runTick(database(env.DB), shard(env), Date.now(), Date.now);
  },
} satisfies ExportedHandler<Env>;
