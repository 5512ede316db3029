import { admin, operator, owner, viewer, type Endpoint } from "../access.ts";
import {
  bulkChecksReplySchema,
  bulkChecksSchema,
  changeCheckSchema,
  checkDetailSchema,
  checkListQuerySchema,
  checkListSchema,
  checkSchema,
  madeCheckSchema,
  newCheckSchema,
  putSentinelSettingsSchema,
  shownSentinelSettingsSchema,
} from "../checks.ts";
import { seriesColumnsSchema, seriesQuerySchema } from "../series.ts";

/** Checks, and what the sentinel goes by. */
export const CHECK_ENDPOINTS = {
  "GET /api/checks": {
    access: viewer("fleet:read"),
    says: "Checks with their verdicts and 90 days of uptime, worst first",
    query: checkListQuerySchema,
    reply: checkListSchema,
  },
  "POST /api/checks": {
    access: admin("fleet:write"),
    says: "Makes a check; its first round begins at once",
    body: newCheckSchema,
    reply: madeCheckSchema,
    status: 201,
  },
  "POST /api/check-actions": {
    access: operator("checks:run"),
    says: "Pauses, resumes, runs or deletes many; deleting takes an admin",
    body: bulkChecksSchema,
    reply: bulkChecksReplySchema,
  },
  "GET /api/checks/:id": {
    access: viewer("fleet:read"),
    says: "A check, its uptime and its last verdicts",
    reply: checkDetailSchema,
  },
  "PATCH /api/checks/:id": {
    access: admin("fleet:write"),
    says: "Changes, pauses or resumes a check",
    body: changeCheckSchema,
    reply: checkSchema,
  },
  "POST /api/checks/:id/run": {
    access: operator("checks:run"),
    says: "Looks now, and answers with the round's verdict",
    reply: checkSchema,
  },
  "POST /api/checks/:id/beat-url": {
    access: admin("fleet:write"),
    says: "A new address for a heartbeat; the old one ends",
    reply: madeCheckSchema,
  },
  "DELETE /api/checks/:id": { access: admin("fleet:write"), says: "Deletes a check and its history" },
  "GET /api/checks/:id/series": {
    access: viewer("fleet:read"),
    says: "A window of its history, as columns",
    query: seriesQuerySchema,
    reply: seriesColumnsSchema,
  },
  "GET /api/sentinel/settings": {
    access: viewer("fleet:read"),
    says: "From where checks look, and what they may look at",
    reply: shownSentinelSettingsSchema,
  },
  "PUT /api/sentinel/settings": {
    access: owner,
    says: "Sets from where checks look, and what they may look at",
    body: putSentinelSettingsSchema,
    reply: shownSentinelSettingsSchema,
  },
} as const satisfies Record<string, Endpoint>;
