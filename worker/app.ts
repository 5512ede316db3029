import { Hono } from "hono";
import { sessionRoutes } from "./auth/routes.ts";
import { NephosError, replyOf, statusOf, type Refusal } from "./errors.ts";
import { agentTokenRoutes } from "./live/agent-token-routes.ts";
import { ingestRoutes } from "./live/ingest-routes.ts";
import { instanceRoutes } from "./live/instance-routes.ts";
import { liveRoutes } from "./live/routes.ts";
import { calling, shard } from "./live/shard-client.ts";
import { log, messageOf } from "./log.ts";
import { healthRoutes } from "./sentinel/routes.ts";
import { withSecureHeaders } from "./secure-headers.ts";
import { seriesRoutes } from "./series/routes.ts";

const RETRY_AFTER_SECONDS = 5;

/** Every address Nephos answers itself; all else is a static file. */
export const app = new Hono<{ Bindings: Env }>()
  .use(withSecureHeaders)
  .use("/api/*", async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  })
  .route("/api/health", healthRoutes)
  .route(
    "/api/session",
    sessionRoutes(async (env, hash) => calling(async () => shard(env).sessionEnded(hash))),
  )
  .route("/api/instances", instanceRoutes)
  .route("/api/instances", seriesRoutes)
  .route("/api/agent-tokens", agentTokenRoutes)
  .route("/ingest", ingestRoutes)
  .route("/live", liveRoutes);

app.notFound((c) =>
  answer(
    { code: "not_found", message: "There is nothing at this address.", remedy: "See docs/protocol.md." },
    c.req.raw,
  ),
);

app.onError((error, c) => {
  if (error instanceof NephosError) return answer(error.refusal, c.req.raw);
  const { method, path } = c.req;
  log({ event: "request_failed", method, path, message: messageOf(error), ...(error.stack && { stack: error.stack }) });
  return answer({ code: "internal", message: "Something went wrong here; it is in the log." }, c.req.raw);
});

function answer(refusal: Refusal, request: Request): Response {
  const status = statusOf(refusal.code);
  return Response.json(replyOf(refusal), {
    status,
    headers: {
      "cache-control": "no-store",
      ...(status === 503 && { "retry-after": String(RETRY_AFTER_SECONDS) }),
      ...(new URL(request.url).pathname.startsWith("/ingest") && { "access-control-allow-origin": "*" }),
    },
  });
}
