import { admin, operator, viewer, type Endpoint } from "../access.ts";
import { answerSchema, askSchema } from "../ask.ts";
import {
  changeInsightSchema,
  insightListQuerySchema,
  insightListSchema,
  insightRefreshSchema,
  insightSchema,
  outlookSchema,
  summarySchema,
  wordedSchema,
} from "../insights.ts";
import {
  changeSnowflakeSettingsSchema,
  connectSnowflakeSchema,
  snowflakeSchema,
  snowflakeSetupQuerySchema,
  snowflakeTestSchema,
} from "../snowflake.ts";

/** Insights, questions, and Snowflake. */
export const INSIGHT_ENDPOINTS = {
  "GET /api/insights": {
    access: viewer("insights:read"),
    says: "What was found, the worst first, each with its evidence",
    query: insightListQuerySchema,
    reply: insightListSchema,
  },
  "GET /api/insight-summary": {
    access: viewer("insights:read"),
    says: "The day in words: how the fleet is, what was found, what comes",
    reply: summarySchema,
  },
  "GET /api/insights/:id": {
    access: viewer("insights:read"),
    says: "One insight",
    reply: insightSchema,
  },
  "PATCH /api/insights/:id": {
    access: operator("insights:act"),
    says: "Dismisses an insight, or says whether it was useful",
    body: changeInsightSchema,
    reply: insightSchema,
  },
  "POST /api/insights/refresh": {
    access: operator("insights:act"),
    says: "Has the next ticks look into every instance anew",
    reply: insightRefreshSchema,
  },
  "POST /api/insights/ask": {
    access: viewer("insights:read"),
    says: "Answers a question in plain words, from evidence",
    body: askSchema,
    reply: answerSchema,
  },
  "POST /api/incidents/:id/explanation": {
    access: viewer("insights:read"),
    says: "What led to an incident, by what was measured around it",
    reply: wordedSchema,
  },
  "GET /api/instances/:id/outlook": {
    access: viewer("insights:read"),
    says: "Where an instance's readings lead, and what stood out in them",
    reply: outlookSchema,
  },
  "GET /api/snowflake": {
    access: admin("insights:read"),
    says: "Whether Snowflake is connected, how far the export has come, what was spent; no secrets",
    reply: snowflakeSchema,
  },
  "GET /api/snowflake/setup.sql": {
    access: admin("insights:read"),
    says: "The SQL that prepares the account, with these names and this public key",
    query: snowflakeSetupQuerySchema,
    replyType: "text/plain; charset=utf-8",
  },
  "POST /api/snowflake/test": {
    access: admin("insights:write"),
    says: "Tries a connection part by part; nothing is kept",
    body: connectSnowflakeSchema,
    reply: snowflakeTestSchema,
  },
  "PUT /api/snowflake": {
    access: admin("insights:write"),
    says: "Connects Snowflake; it is tried first, and where it cannot sign in nothing is kept",
    body: connectSnowflakeSchema,
    reply: snowflakeSchema,
  },
  "PATCH /api/snowflake": {
    access: admin("insights:write"),
    says: "Changes what Snowflake is used for: words, budget, export",
    body: changeSnowflakeSettingsSchema,
    reply: snowflakeSchema,
  },
  "DELETE /api/snowflake": {
    access: admin("insights:write"),
    says: "Forgets the connection; what is in Snowflake stays there",
  },
  "POST /api/snowflake/export": {
    access: admin("insights:write"),
    says: "Has the next tick export what is new",
    reply: snowflakeSchema,
  },
} as const satisfies Record<string, Endpoint>;
