import { z } from "zod";
import { admin, viewer, type Endpoint } from "../access.ts";
import {
  agentTokenSchema,
  enrolmentSchema,
  enrolReplySchema,
  enrolRequestSchema,
  madeAgentTokenSchema,
  madeEnrolmentSchema,
  newAgentTokenSchema,
  newEnrolmentSchema,
} from "../agents.ts";
import { changeInstanceSchema, instanceDetailSchema, instanceSchema, newInstanceSchema } from "../instance.ts";
import {
  comparisonQuerySchema,
  comparisonSchema,
  seriesColumnsSchema,
  seriesExportQuerySchema,
  seriesQuerySchema,
} from "../series.ts";

/** Instances, their history, their agents. */
export const FLEET_ENDPOINTS = {
  "GET /api/instances/:id": {
    access: viewer("fleet:read"),
    says: "An instance, its last values and its series",
    reply: instanceDetailSchema,
  },
  "POST /api/instances": {
    access: admin("fleet:write"),
    says: "Adds a machine of no cloud; an agent of it may follow",
    body: newInstanceSchema,
    reply: instanceSchema,
    status: 201,
  },
  "PATCH /api/instances/:id": {
    access: admin("fleet:write"),
    says: "Names, tags or prices an instance; a given name stays, whatever the agent says",
    body: changeInstanceSchema,
  },
  "DELETE /api/instances/:id": {
    access: admin("fleet:write"),
    says: "Removes an instance, its history and its tokens",
  },
  "GET /api/instances/:id/series": {
    access: viewer("fleet:read"),
    says: "A window of its history, as columns; `metrics` are series keys, separated by commas",
    query: seriesQuerySchema,
    reply: seriesColumnsSchema,
  },
  "GET /api/instances/:id/series.csv": {
    access: viewer("fleet:read"),
    says: "The same window as CSV, every point there is unless `points` says otherwise",
    query: seriesExportQuerySchema,
    replyType: "text/csv",
  },
  "GET /api/series": {
    access: viewer("fleet:read"),
    says: "A window of several instances, for comparison; `instances` are ids, separated by commas",
    query: comparisonQuerySchema,
    reply: comparisonSchema,
  },

  "GET /api/enrolments": {
    access: admin("agents:read"),
    says: "Enrolment tokens that can still be used, without their secrets",
    reply: z.object({ enrolments: z.array(enrolmentSchema) }),
  },
  "POST /api/enrolments": {
    access: admin("agents:write"),
    says: "Makes an enrolment token: an agent exchanges it for its own",
    body: newEnrolmentSchema,
    reply: madeEnrolmentSchema,
    status: 201,
  },
  "DELETE /api/enrolments/:id": { access: admin("agents:write"), says: "Revokes an enrolment token" },
  "GET /api/agent-tokens": {
    access: admin("agents:read"),
    says: "Tokens of agents, without their secrets",
    reply: z.object({ tokens: z.array(agentTokenSchema) }),
  },
  "POST /api/agent-tokens": {
    access: admin("agents:write"),
    says: "Makes a token for a sender that cannot enrol; the first instance it reports binds it",
    body: newAgentTokenSchema,
    reply: madeAgentTokenSchema,
    status: 201,
  },
  "DELETE /api/agent-tokens/:id": {
    access: admin("agents:write"),
    says: "Revokes a token: refused from this moment on",
  },

  "POST /enrol": {
    access: "enrolment",
    says: "Exchanges an enrolment token for the agent's own token",
    body: enrolRequestSchema,
    reply: enrolReplySchema,
    status: 201,
  },
  "GET /live": {
    access: viewer("fleet:read"),
    says: "The live socket (WebSocket); see docs/protocol.md",
    replyType: "application/json",
  },
} as const satisfies Record<string, Endpoint>;
