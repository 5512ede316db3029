import { Hono } from "hono";
import { signedInOnly, type SignedInEnv } from "../auth/guard.ts";
import { NephosError } from "../errors.ts";
import { shard } from "./shard-client.ts";

/** The viewer's socket. `signedInOnly` checks the origin of an upgrade too: another site cannot listen with our cookie. */
export const liveRoutes = new Hono<SignedInEnv>().get("/", signedInOnly, async (c) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new NephosError("not_a_websocket", "This address speaks WebSocket only.", { field: "upgrade" });
  }
  const request = new Request(c.req.raw);
  request.headers.set("x-session-hash", c.var.session.hash);
  request.headers.set("x-session-expires-at", String(c.var.session.expiresAt));
  return shard(c.env).fetch(request);
});
