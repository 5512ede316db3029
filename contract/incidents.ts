import { z } from "zod";
import { epochMs } from "./fields.ts";
import {
  INCIDENT_EVENT_KINDS,
  INCIDENT_NOTE_LENGTH_MAX,
  INCIDENT_STATES,
  INCIDENTS_PAGE_MAX,
} from "./incident-kinds.ts";
import { RULE_KIND_NAMES } from "./rule-kinds.ts";
import { severityName } from "./rules.ts";
import { shownNotificationSchema } from "./notifications.ts";

export * from "./incident-kinds.ts";

/** An incident: the time for which something was wrong, with one or with many that fell together. */
export const incidentSchema = z.object({
  id: z.string(),
  title: z
    .string()
    .meta({ description: "What and where, in one line: `web-1 is down`, `14 instances in ewr are down`" }),
  severity: severityName,
  state: z.enum(INCIDENT_STATES),
  ruleId: z.string(),
  ruleName: z.string(),
  kind: z.enum(RULE_KIND_NAMES),
  /** What it began with: an instance's or a check's id. */
  subject: z.string(),
  instanceId: z.string().nullable(),
  reason: z.string().meta({ description: "The value against its threshold, or the verdict's reason" }),
  openedAt: epochMs,
  updatedAt: epochMs,
  acknowledgedAt: epochMs.nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: epochMs.nullable(),
  members: z.int().meta({ description: "All that belong to it, of those you may see" }),
  openMembers: z.int(),
  /** How often it came back after it was over. */
  reopened: z.int(),
  isSilenced: z.boolean(),
  tags: z.array(z.string()).meta({ description: "Of all its members" }),
});
export type Incident = z.infer<typeof incidentSchema>;

export const incidentMemberSchema = z.object({
  ruleId: z.string(),
  ruleName: z.string(),
  subject: z.string(),
  instanceId: z.string().nullable(),
  name: z.string(),
  severity: severityName,
  openedAt: epochMs,
  resolvedAt: epochMs.nullable(),
  value: z.number().nullable().meta({ description: "The last one that was worth writing down" }),
  threshold: z.number().nullable(),
  reason: z.string(),
});
export type IncidentMember = z.infer<typeof incidentMemberSchema>;

export const incidentEventSchema = z.object({
  number: z.int(),
  at: epochMs,
  kind: z.enum(INCIDENT_EVENT_KINDS),
  severity: severityName,
  /** Who did it; null for Nephos itself. */
  actor: z.string().nullable(),
  words: z.string(),
});
export type IncidentEvent = z.infer<typeof incidentEventSchema>;

/** What this usually means, what to look at, how urgent it is. */
export const explanationSchema = z.object({ meaning: z.string(), lookAt: z.array(z.string()), urgency: z.string() });
export type Explanation = z.infer<typeof explanationSchema>;

export const incidentDetailSchema = z.object({
  now: epochMs,
  incident: incidentSchema,
  members: z.array(incidentMemberSchema).meta({ description: "Open ones first; the worst first" }),
  events: z.array(incidentEventSchema).meta({ description: "Newest first, at most 500" }),
  notifications: z.array(shownNotificationSchema).meta({ description: "Newest first, at most 200" }),
  explanation: explanationSchema,
  /** What to draw: a series of the subject; null where there is none. */
  chart: z
    .object({
      subject: z.string(),
      metric: z.string(),
      warning: z.number().nullable(),
      critical: z.number().nullable(),
    })
    .nullable(),
});
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

export const incidentListQuerySchema = z.object({
  state: z.enum(["open", "resolved", "all"]).default("open"),
  severity: severityName.optional(),
  /** Of one instance or check. */
  subject: z.string().max(200).optional(),
  ruleId: z.string().max(200).optional(),
  text: z.string().trim().max(200).optional(),
  before: z.string().max(200).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(INCIDENTS_PAGE_MAX).default(50),
});
export const incidentCountsSchema = z.object({ critical: z.int(), warning: z.int(), acknowledged: z.int() });
export type IncidentCounts = z.infer<typeof incidentCountsSchema>;
export const incidentListSchema = z.object({
  now: epochMs,
  incidents: z
    .array(incidentSchema)
    .meta({ description: "Open first, of them critical first, then newest; then resolved ones, the last first" }),
  counts: incidentCountsSchema.meta({
    description: "Of all that are open; acknowledged ones are in none of the other two",
  }),
  next: z.string().nullable(),
});
export type IncidentList = z.infer<typeof incidentListSchema>;

const note = z
  .string("must be a string")
  .trim()
  .max(INCIDENT_NOTE_LENGTH_MAX, `must be at most ${INCIDENT_NOTE_LENGTH_MAX} characters`);
export const incidentActionsSchema = z.object({
  ids: z.array(z.string()).min(1).max(INCIDENTS_PAGE_MAX),
  action: z
    .enum(["acknowledge", "unacknowledge", "note", "resolve"])
    .meta({ description: "`resolve`: it is over, whatever is measured; it comes back when the breach lasts again" }),
  note: note.optional(),
});
export const incidentActionsReplySchema = z.object({ incidents: z.array(incidentSchema) });
