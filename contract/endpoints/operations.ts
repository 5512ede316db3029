import { z } from "zod";
import { admin, viewer, type Endpoint } from "../access.ts";
import { auditEntrySchema, auditQuerySchema } from "../audit.ts";
import { healthSchema } from "../health.ts";
import { operationsSchema, retentionSchema } from "../operations.ts";

/** How this Nephos itself is, and what was done in it. */
export const OPERATIONS_ENDPOINTS = {
  "GET /api/health": { access: "public", says: "Whether this Nephos itself is well", reply: healthSchema },
  "GET /api/openapi.json": {
    access: viewer("fleet:read"),
    says: "This description",
    replyType: "application/json",
  },

  "GET /api/operations": {
    access: admin("fleet:read"),
    says: "What this Nephos uses of its plan today, and how its history is kept",
    reply: operationsSchema,
  },
  "PUT /api/operations/retention": {
    access: admin(null),
    says: "Sets how long history is kept; what is older is hidden at once and removed within days",
    body: retentionSchema,
  },

  "GET /api/audit": {
    access: admin("audit:read"),
    says: "The audit log, newest first, a hundred entries at a time",
    query: auditQuerySchema,
    reply: z.object({ entries: z.array(auditEntrySchema) }),
  },
  "GET /api/audit/export.csv": {
    access: admin("audit:read"),
    says: "The audit log as CSV",
    query: auditQuerySchema,
    replyType: "text/csv",
  },
} as const satisfies Record<string, Endpoint>;
