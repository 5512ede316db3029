import { Hono } from "hono";
import { newAgentTokenSchema } from "../../contract/api.ts";
import type { NewAgentToken } from "../../contract/instance.ts";
import { signedInOnly, type SignedInEnv } from "../auth/guard.ts";
import { hashOf, newAgentTokenSecret } from "../auth/secret.ts";
import { deleteAgentToken, insertAgentToken, listAgentTokens } from "../auth/store.ts";
import { jsonBody, limitedBody, parsed } from "../body.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "./shard-client.ts";

/** Tokens of agents: made (the secret is shown this once), listed, revoked. Here, because the shard must hear of a revocation at once. */
export const agentTokenRoutes = new Hono<SignedInEnv>()
  .get("/", signedInOnly, async (c) => c.json({ tokens: await listAgentTokens(database(c.env.DB)) }))
  .post("/", signedInOnly, limitedBody, async (c) => {
    const { label } = parsed(newAgentTokenSchema, await jsonBody(c));
    const secret = newAgentTokenSecret();
    const token = { id: crypto.randomUUID(), label, instanceId: null, createdAt: Date.now(), lastUsedAt: null };
    await insertAgentToken(database(c.env.DB), token, hashOf(secret));
    return c.json({ ...token, secret } satisfies NewAgentToken, 201);
  })
  .delete("/:id", signedInOnly, async (c) => {
    const hash = await deleteAgentToken(database(c.env.DB), c.req.param("id"));
    if (hash === undefined) throw new NephosError("not_found", "There is no such token.", { field: "id" });
    await calling(async () => shard(c.env).forgetTokens([hash]));
    return c.body(null, 204);
  });
