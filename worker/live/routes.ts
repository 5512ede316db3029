import { api } from "../auth/api.ts";
import { NephosError } from "../errors.ts";
import { shard } from "./shard-client.ts";
import type { ViewerIdentity } from "./viewers.ts";

/** The viewer's socket. The gate checks the origin of an upgrade too: another site cannot listen with our cookie. */
export const liveRoutes = api({
  "GET /live": async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new NephosError("not_a_websocket", "This address speaks WebSocket only.", { field: "upgrade" });
    }
    const { person, via } = c.var.principal;
    const viewer: ViewerIdentity = {
      personId: person.id,
      sessionId: via.kind === "browser" ? via.session.id : via.token.id,
      expiresAt: (via.kind === "browser" ? via.session.expiresAt : via.token.expiresAt) ?? Number.MAX_SAFE_INTEGER,
      tags: person.tags,
    };
    const request = new Request(c.req.raw);
    request.headers.delete("x-agent");
    request.headers.set("x-viewer", JSON.stringify(viewer));
    return shard(c.env).fetch(request);
  },
});
