import { z } from "zod";
import { AUDIT_ACTION_NAMES } from "./audit-actions.ts";
import { epochMs } from "./fields.ts";

export { AUDIT_ACTIONS, AUDIT_ACTION_NAMES, type AuditAction } from "./audit-actions.ts";

/** Who did what to what, from where. Never holds a secret. */
export const auditEntrySchema = z.object({
  id: z.int().meta({ description: "Grows with time; the next page begins below the last one's" }),
  at: epochMs,
  actor: z.string().nullable().meta({ description: "A person's or agent's name; null for one who was not let in" }),
  actorId: z.string().nullable(),
  via: z.string().nullable().meta({ description: "How: `browser`, or the API token's name" }),
  action: z.enum(AUDIT_ACTION_NAMES),
  subject: z.string().nullable().meta({ description: "To what; null where the action says it all" }),
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().nullable().meta({ description: "Why it was refused" }),
  address: z.string().nullable().meta({ description: "As Cloudflare saw it; null where nobody tells" }),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const queryNumber = z.coerce.number("must be a number").int().min(0);
export const auditQuerySchema = z.object({
  below: queryNumber.optional().meta({ description: "Entries with a smaller id only" }),
  action: z.enum(AUDIT_ACTION_NAMES, "is no action").optional(),
  actor: z.string().max(128).optional().meta({ description: "A person's id" }),
  text: z.string().max(100).optional().meta({ description: "Occurs in the subject, the actor or the address" }),
  from: queryNumber.optional(),
  to: queryNumber.optional(),
});
