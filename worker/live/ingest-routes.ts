import { Hono, type Context } from "hono";
import { createMiddleware } from "hono/factory";
import { ingestEnvelopeSchema } from "../../contract/ingest.ts";
import type { EpochMs } from "../../contract/units.ts";
import { senderOf } from "../auth/address.ts";
import { looksLike } from "../auth/secret.ts";
import { jsonBody, limitedBody, parsed } from "../body.ts";
import { NephosError } from "../errors.ts";
import { notBeyond, within } from "../limits/limits.ts";
import { batchOf, type Batch } from "./batch.ts";
import { dropInOf } from "./drop-in.ts";
import type { Taken } from "./intake.ts";
import { KnownTokens } from "./known-tokens.ts";
import { UNKNOWN_TOKEN } from "./refusals.ts";
import { calling, shard } from "./shard-client.ts";

export type IngestEnv = { Bindings: Env; Variables: { tokenHash: string } };

const knownTokens = new KnownTokens();

/** Refuses a stranger before a byte of the body is read. The shard decides again, by what it knows at that moment. */
export const agentOnly = createMiddleware<IngestEnv>(async function agentOnly(c, next) {
  const token = tokenOf(c);
  const now = Date.now();
  if (!looksLike("agent", token)) throw await unknownToken(c, now);
  const { hash, isKnown } = knownTokens.look(token, now);
  if (!isKnown) {
    notBeyond("refused", senderOf(c), now);
    if (!(await calling(() => shard(c.env).knowsToken(hash)))) throw await unknownToken(c, now);
    knownTokens.add(token, hash, now);
  }
  c.set("tokenHash", hash);
  await next();
});

/** Whoever guesses tokens is soon not asked any more: a guess must not cost a question to the shard for ever. */
async function unknownToken(c: Context<IngestEnv>, now: EpochMs): Promise<NephosError> {
  await within(c.env, "refused", senderOf(c), now);
  return NephosError.of(UNKNOWN_TOKEN);
}

/** The original's senders run anywhere, browsers included, and can be given an address only: so any origin, and `?token=`. */
const anyOrigin = createMiddleware(async function anyOrigin(c, next) {
  await next();
  // Only a browser names its origin; for all others these headers would be the dearest part of the reply.
  if (c.req.method !== "OPTIONS" && c.req.header("origin") === undefined) return;
  c.header("access-control-allow-origin", "*");
  c.header("access-control-allow-headers", "content-type, authorization");
  c.header("access-control-allow-methods", "POST, OPTIONS");
});

/** Both paths take both: the agent's own protocol names itself, everything else is the original's payload. */
export const ingestRoutes = new Hono<IngestEnv>()
  .use(anyOrigin)
  .options("/", (c) => c.body(null, 200))
  .options("/vultr", (c) => c.body(null, 200))
  .post("/", agentOnly, limitedBody, ingest)
  .post("/vultr", agentOnly, limitedBody, ingest);

async function ingest(c: Context<IngestEnv>): Promise<Response> {
  const body = await jsonBody(c);
  if (typeof body === "object" && body !== null && "protocol" in body) {
    return Response.json((await handIn(c, batchOf(parsed(ingestEnvelopeSchema, body)))).reply);
  }
  const dropIn = dropInOf(body, Date.now());
  const { reply, isUnbound } = await handIn(c, dropIn.batch);
  const { customMetricsRefused } = reply;
  return Response.json({
    message: "Metrics ingested successfully",
    metricsIngested: dropIn.metricsIngested,
    instanceUpdated: !isUnbound,
    alertsGenerated: 0,
    ...(dropIn.metricsSkipped > 0 && { metricsSkipped: dropIn.metricsSkipped }),
    ...(customMetricsRefused && { customMetricsRefused }),
    ...(dropIn.clockCorrected && {
      clock: "Timestamps more than a day off were replaced by the server's time: set the clock of this instance.",
    }),
  });
}

async function handIn(c: Context<IngestEnv>, batch: Batch) {
  const taken: Taken = await calling(async () => shard(c.env).ingest(c.var.tokenHash, batch));
  if (taken.ok) return taken;
  throw NephosError.of(taken.refusal);
}

function tokenOf(c: Context): string {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const token = bearer ?? c.req.query("token");
  if (token) return token;
  throw new NephosError("token_missing", "This address takes samples of known instances only.", {
    field: "authorization",
    remedy: "Send `Authorization: Bearer <token>`, or add `?token=<token>` to the address.",
  });
}
