import { Hono } from "hono";
import { NephosError } from "../errors.ts";
import { agentOnly, type IngestEnv } from "./ingest-routes.ts";
import { calling, shard } from "./shard-client.ts";

/** The agent's socket. Whoever has no good token is refused before the upgrade, with a reason. */
export const agentRoutes = new Hono<IngestEnv>().get("/agent", agentOnly, async (c) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new NephosError("not_a_websocket", "This address speaks WebSocket only.", {
      field: "upgrade",
      remedy: "Where sockets do not get through, post the same samples to /ingest.",
    });
  }
  const request = new Request(c.req.raw);
  request.headers.set("x-agent", c.var.tokenHash);
  return calling(() => shard(c.env).fetch(request));
});
