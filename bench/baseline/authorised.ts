import { Hono } from "hono";
import { looksLike } from "../../worker/auth/secret.ts";
import { limitedBody } from "../../worker/body.ts";
import { Limiter } from "../../worker/limits/limiter.ts";
import { KnownTokens } from "../../worker/live/known-tokens.ts";
import { samplesOf } from "./samples-of.ts";

/**
 * `validate` with what stands between an agent that is known and its samples: the Worker finds the token and what it knows of it,
 * the shard finds the token once more and counts its requests. Of the Worker's own parts, put together as
 * `worker/live/ingest-routes.ts` and `intake.ts` do.
 */
const known = new KnownTokens();
const inShard = new Map<string, Promise<{ instanceId: string | null }>>();
const perToken = new Limiter(Infinity, 60_000);

export default new Hono().post(
  "/ingest",
  async (c, next) => {
    const token = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? c.req.query("token") ?? "";
    if (!looksLike("agent", token)) return c.body(null, 401);
    const now = Date.now();
    const { hash, isKnown } = known.look(token, now);
    if (!isKnown) {
      known.add(token, hash, now);
      inShard.set(hash, Promise.resolve({ instanceId: null }));
    }
    if (!(await inShard.get(hash)) || perToken.take(hash, now) > 0) return c.body(null, 401);
    return next();
  },
  limitedBody,
  async (c) => {
    return c.json({ accepted: (await samplesOf(c)).length });
  },
);
