import { z } from "zod";
import { epochMs, id, label } from "./fields.ts";
import { instanceIdSchema } from "./ingest.ts";
import { ENROLMENT_HOURS_MAX, ENROLMENT_USES_MAX } from "./limits.ts";
import type { EpochMs } from "./units.ts";

/** Tokens of agents: the agent's own, which speaks for one instance, and the enrolment token it is exchanged for. */

export const agentTokenSchema = z.object({
  id,
  label: z.string(),
  prefix: z.string().meta({ description: "The beginning of the token, to know it again by" }),
  instanceId: z.string().nullable().meta({ description: "The instance it speaks for; null until it was used" }),
  createdAt: epochMs,
  lastUsedAt: epochMs.nullable(),
});
export type AgentToken = z.infer<typeof agentTokenSchema>;
export const newAgentTokenSchema = z.object({ label });
export const madeAgentTokenSchema = agentTokenSchema.extend({
  secret: z.string().meta({ description: "Shown this once" }),
});
export type NewAgentToken = z.infer<typeof madeAgentTokenSchema>;

export const enrolmentSchema = z.object({
  id,
  label: z.string(),
  prefix: z.string(),
  instanceId: z.string().nullable().meta({ description: "The only instance it enrols; null where it may be any" }),
  usesMax: z.int(),
  usesLeft: z.int(),
  enrolled: z.array(z.string()).meta({ description: "Instances it has enrolled" }),
  createdAt: epochMs,
  expiresAt: epochMs,
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

export const newEnrolmentSchema = z.object({
  label,
  usesMax: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(ENROLMENT_USES_MAX, `must be at most ${ENROLMENT_USES_MAX}`)
    .default(1),
  expiresInHours: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(ENROLMENT_HOURS_MAX, `must be at most ${ENROLMENT_HOURS_MAX}`)
    .default(24),
  /** Enrols this instance again: its old tokens end in the moment the new one is made. */
  instanceId: instanceIdSchema.optional(),
});
export const madeEnrolmentSchema = enrolmentSchema.extend({
  secret: z.string().meta({ description: "Shown this once" }),
});
export type NewEnrolment = z.infer<typeof madeEnrolmentSchema>;

/** `POST /enrol` with the enrolment token as Bearer: what the agent says of itself, and its own token back. */
export const enrolRequestSchema = z.object({ instance: z.object({ id: instanceIdSchema, name: label.optional() }) });
export type EnrolRequest = z.input<typeof enrolRequestSchema>;
export interface EnrolReply {
  instanceId: string;
  /** The agent's own token: bound to this instance, good for its samples and nothing else. */
  token: string;
  enrolledAt: EpochMs;
}
export const enrolReplySchema = z.object({
  instanceId: z.string(),
  token: z.string(),
  enrolledAt: epochMs,
}) satisfies z.ZodType<EnrolReply>;
