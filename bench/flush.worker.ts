import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { ONLY_SHARD } from "../worker/live/shard-of.ts";

/** Has the shard write everything that waits into its blocks; the answer comes when it is in the database. */
export default {
  async fetch(_request: Request, { FLEET }: { FLEET: DurableObjectNamespace }): Promise<Response> {
    const shard = FLEET.get(FLEET.idFromName(ONLY_SHARD)) as unknown as { flush(): Promise<void> };
    await shard.flush();
    return new Response();
  },
};
