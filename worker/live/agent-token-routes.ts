import { recordDone } from "../audit/record.ts";
import { api } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { hashOf, newToken, shownPrefix } from "../auth/secret.ts";
import { deleteAgentToken, insertAgentToken, listAgentTokens } from "../auth/agent-token-store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { shard, telling } from "./shard-client.ts";

/** Tokens of agents: made (the secret is shown this once), listed, revoked. Here, because the shard must hear of a revocation at once. */
export const agentTokenRoutes = api({
  "GET /api/agent-tokens": async (c) => ({ tokens: await listAgentTokens(database(c.env.DB)) }),

  "POST /api/agent-tokens": async (c, { body: { label } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const secret = newToken("agent");
    const id = crypto.randomUUID();
    const token = { id, label, prefix: shownPrefix(secret), instanceId: null, createdAt: now, lastUsedAt: null };
    await insertAgentToken(db, token, hashOf(secret));
    await recordDone(db, actorOf(c, c.var.principal), { action: "agent_token.made", subject: label }, now);
    return { ...token, secret };
  },

  "DELETE /api/agent-tokens/:id": async (c) => {
    const db = database(c.env.DB);
    const gone = await deleteAgentToken(db, c.req.param("id")!);
    if (!gone) throw new NephosError("not_found", "There is no such token.", { field: "id" });
    const done = { action: "agent_token.revoked", subject: gone.label, before: gone.instanceId } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, Date.now());
    await telling(async () => shard(c.env).forgetTokens([gone.hash]));
  },
});
