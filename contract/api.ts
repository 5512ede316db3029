import { z } from "zod";
import { INSTANCE_NAME_LENGTH_MAX } from "./limits.ts";
import type { AgentToken, InstanceDetail, NewAgentToken, Session } from "./instance.ts";
import type { SeriesColumns } from "./series.ts";

/** The table of JSON endpoints under `/api`: what the dashboard calls and the Worker answers, in one place. */

export const signInSchema = z.object({
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "is not a sign-in token: open the whole link that was printed"),
});
export const newAgentTokenSchema = z.object({
  label: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(INSTANCE_NAME_LENGTH_MAX, `must be at most ${INSTANCE_NAME_LENGTH_MAX} characters`),
});
export const renameSchema = z.object({ name: newAgentTokenSchema.shape.label });

export interface Health {
  status: "ok" | "degraded";
  version: string;
  /** The tick of the sentinel that finished last; null before the first. */
  lastTickAt: number | null;
}

/** Method and path → what is sent and what comes back. `void` bodies are empty (204). */
export interface Endpoints {
  "GET /api/health": { reply: Health };
  "POST /api/session": { body: z.infer<typeof signInSchema>; reply: Session };
  "GET /api/session": { reply: Session };
  "DELETE /api/session": { reply: void };
  "GET /api/instances/:id": { reply: InstanceDetail };
  "PATCH /api/instances/:id": { body: z.infer<typeof renameSchema>; reply: void };
  /** Removes the instance, its history and its tokens. */
  "DELETE /api/instances/:id": { reply: void };
  /** Query: `metrics` (comma-separated series keys, each URI-encoded), `from`, `to` (epoch ms), `points`. */
  "GET /api/instances/:id/series": { reply: SeriesColumns };
  "GET /api/agent-tokens": { reply: { tokens: AgentToken[] } };
  "POST /api/agent-tokens": { body: z.infer<typeof newAgentTokenSchema>; reply: NewAgentToken };
  "DELETE /api/agent-tokens/:id": { reply: void };
}
