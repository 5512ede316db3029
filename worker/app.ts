import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { accountRoutes } from "./accounts/account-routes.ts";
import { auditRoutes } from "./accounts/audit-routes.ts";
import { invitationRoutes } from "./accounts/invitation-routes.ts";
import { peopleRoutes } from "./accounts/people-routes.ts";
import { identityProviderRoutes } from "./accounts/identity-provider-routes.ts";
import { sessionRoutes } from "./accounts/session-routes.ts";
import { signInRoutes } from "./accounts/sign-in-routes.ts";
import { waysBackRoutes } from "./accounts/ways-back-routes.ts";
import { waysRoutes } from "./accounts/ways-routes.ts";
import { NephosError, replyOf, statusOf, type Refusal } from "./errors.ts";
import { insightRoutes } from "./advice/insight-routes.ts";
import { snowflakeRoutes } from "./advice/snowflake-routes.ts";
import { agentRoutes } from "./live/agent-routes.ts";
import { agentTokenRoutes } from "./live/agent-token-routes.ts";
import { enrolmentRoutes } from "./live/enrolment-routes.ts";
import { ingestRoutes } from "./live/ingest-routes.ts";
import { instanceRoutes } from "./live/instance-routes.ts";
import { operationsRoutes } from "./live/operations-routes.ts";
import { liveRoutes } from "./live/routes.ts";
import { seriesRoutes } from "./live/series-routes.ts";
import { shard } from "./live/shard-client.ts";
import { log, messageOf, stackOf } from "./log.ts";
import { channelRoutes } from "./on-call/channel-routes.ts";
import { incidentRoutes } from "./on-call/incident-routes.ts";
import { notificationRoutes } from "./on-call/notification-routes.ts";
import { previewRoutes } from "./on-call/preview-routes.ts";
import { ruleRoutes } from "./on-call/rule-routes.ts";
import { silenceRoutes } from "./on-call/silence-routes.ts";
import { openapiRoutes } from "./openapi.ts";
import { originalPages } from "./original/page.ts";
import { originalRoutes } from "./original/routes.ts";
import { accountRoutes as providerAccountRoutes } from "./sentinel/account-routes.ts";
import { beatRoutes } from "./sentinel/beat-routes.ts";
import { checkRoutes } from "./sentinel/check-routes.ts";
import { healthRoutes } from "./sentinel/routes.ts";
import { settingsRoutes } from "./sentinel/settings-routes.ts";
import { withSecureHeaders } from "./secure-headers.ts";
import { USAGE_REPORT_EVERY_MS } from "./settings.ts";
import { usage } from "./usage.ts";

const RETRY_AFTER_SECONDS = 5;

const neverCached = createMiddleware(async function neverCached(c, next) {
  await next();
  c.header("cache-control", "no-store");
});

/** Counts requests, and tells the meter now and then what this isolate has used. */
const metered = createMiddleware<{ Bindings: Env }>(async function metered(c, next) {
  usage.request();
  await next();
  if (!usage.isDue(Date.now(), USAGE_REPORT_EVERY_MS)) return;
  c.executionCtx.waitUntil(shard(c.env).report(usage.take()));
});

/** Every address Nephos answers itself; all else is a static file. */
export const app = new Hono<{ Bindings: Env }>()
  .use(metered)
  .route("/", originalPages)
  .use(withSecureHeaders)
  .use("/api/*", neverCached)
  .use("/enrol", neverCached)
  .route("/", healthRoutes)
  .route("/", openapiRoutes)
  .route("/", sessionRoutes)
  .route("/", signInRoutes)
  .route("/", identityProviderRoutes)
  .route("/", accountRoutes)
  .route("/", waysBackRoutes)
  .route("/", peopleRoutes)
  .route("/", invitationRoutes)
  .route("/", waysRoutes)
  .route("/", auditRoutes)
  .route("/", instanceRoutes)
  .route("/", seriesRoutes)
  .route("/", operationsRoutes)
  .route("/", enrolmentRoutes)
  .route("/", agentTokenRoutes)
  .route("/", providerAccountRoutes)
  .route("/", checkRoutes)
  .route("/", settingsRoutes)
  .route("/", beatRoutes)
  .route("/", ruleRoutes)
  .route("/", previewRoutes)
  .route("/", incidentRoutes)
  .route("/", silenceRoutes)
  .route("/", channelRoutes)
  .route("/", notificationRoutes)
  .route("/", insightRoutes)
  .route("/", snowflakeRoutes)
  .route("/", originalRoutes)
  .route("/", liveRoutes)
  .route("/", agentRoutes)
  .route("/ingest", ingestRoutes);

app.notFound((c) =>
  answer(
    { code: "not_found", message: "There is nothing at this address.", remedy: "See docs/protocol.md." },
    c.req.raw,
  ),
);

app.onError((error, c) => {
  if (error instanceof NephosError) return answer(error.refusal, c.req.raw);
  const { method, path } = c.req;
  log({ event: "request_failed", method, path, message: messageOf(error), stack: stackOf(error) });
  return answer({ code: "internal", message: "Something went wrong here; it is in the log." }, c.req.raw);
});

function answer(refusal: Refusal, request: Request): Response {
  const status = statusOf(refusal.code);
  return Response.json(replyOf(refusal), {
    status,
    headers: {
      "cache-control": "no-store",
      ...((status === 503 || status === 429) && {
        "retry-after": String(refusal.retryAfterSeconds ?? RETRY_AFTER_SECONDS),
      }),
      ...(new URL(request.url).pathname.startsWith("/ingest") && { "access-control-allow-origin": "*" }),
    },
  });
}
