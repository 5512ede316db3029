import { admin, operator, viewer, type Endpoint } from "../access.ts";
import {
  changeChannelSchema,
  channelListSchema,
  channelSchema,
  channelTestSchema,
  newChannelSchema,
} from "../channels.ts";
import {
  incidentActionsReplySchema,
  incidentActionsSchema,
  incidentDetailSchema,
  incidentListQuerySchema,
  incidentListSchema,
} from "../incidents.ts";
import { notificationActionsSchema, notificationListQuerySchema, notificationListSchema } from "../notifications.ts";
import {
  newRuleSchema,
  overrideSchema,
  previewRuleSchema,
  previewSchema,
  putRuleSchema,
  ruleListSchema,
  ruleSchema,
  ruleStatesSchema,
} from "../rules.ts";
import { newSilenceSchema, silenceListSchema, silenceSchema } from "../silences.ts";

/** Rules, incidents, silences and channels. */
export const ALERT_ENDPOINTS = {
  "GET /api/rules": { access: viewer("alerts:read"), says: "All rules", reply: ruleListSchema },
  "POST /api/rules": {
    access: admin("alerts:write"),
    says: "Makes a rule; it holds from now on",
    body: newRuleSchema,
    reply: ruleSchema,
    status: 201,
  },
  "PUT /api/rules/:id": {
    access: admin("alerts:write"),
    says: "Changes a rule as a whole; what is open by it is measured anew",
    body: putRuleSchema,
    reply: ruleSchema,
  },
  "DELETE /api/rules/:id": { access: admin("alerts:write"), says: "Deletes a rule; what is open by it is resolved" },
  "PUT /api/rules/:id/overrides/:subject": {
    access: admin("alerts:write"),
    says: "Sets another measure for one subject",
    body: overrideSchema,
    reply: ruleSchema,
  },
  "DELETE /api/rules/:id/overrides/:subject": {
    access: admin("alerts:write"),
    says: "The rule's own measure holds for it again",
  },
  "POST /api/rule-previews": {
    access: viewer("alerts:read"),
    says: "When such a rule would have fired in the last 7 days",
    body: previewRuleSchema,
    reply: previewSchema,
  },
  "GET /api/rule-states/:subject": {
    access: viewer("alerts:read"),
    says: "Where every rule stands with an instance or a check",
    reply: ruleStatesSchema,
  },
  "GET /api/incidents": {
    access: viewer("alerts:read"),
    says: "Incidents, open ones first",
    query: incidentListQuerySchema,
    reply: incidentListSchema,
  },
  "GET /api/incidents/:id": {
    access: viewer("alerts:read"),
    says: "An incident: who belongs to it, what happened, what was told to whom",
    reply: incidentDetailSchema,
  },
  "POST /api/incident-actions": {
    access: operator("alerts:act"),
    says: "Acknowledges, notes or resolves many",
    body: incidentActionsSchema,
    reply: incidentActionsReplySchema,
  },
  "GET /api/silences": {
    access: viewer("alerts:read"),
    says: "Silences, those in force first",
    reply: silenceListSchema,
  },
  "POST /api/silences": {
    access: operator("alerts:act"),
    says: "Silences a part of the fleet, once or every week",
    body: newSilenceSchema,
    reply: silenceSchema,
    status: 201,
  },
  "DELETE /api/silences/:id": {
    access: operator("alerts:act"),
    says: "Ends a silence now; what is still wrong is told",
  },
  "GET /api/channels": {
    access: viewer("alerts:read"),
    says: "Channels, without their secrets",
    reply: channelListSchema,
  },
  "POST /api/channels": {
    access: admin("alerts:write"),
    says: "Adds a channel; a test goes there first, and where it fails nothing is kept",
    body: newChannelSchema,
    reply: channelSchema,
    status: 201,
  },
  "PATCH /api/channels/:id": {
    access: admin("alerts:write"),
    says: "Changes a channel; a new way there is tested first",
    body: changeChannelSchema,
    reply: channelSchema,
  },
  "DELETE /api/channels/:id": { access: admin("alerts:write"), says: "Removes a channel, and what waits for it" },
  "POST /api/channels/:id/test": {
    access: operator("alerts:act"),
    says: "Sends a test, and answers with what its provider said",
    reply: channelTestSchema,
  },
  "GET /api/notifications": {
    access: viewer("alerts:read"),
    says: "What was told, what waits, and what could not be told",
    query: notificationListQuerySchema,
    reply: notificationListSchema,
  },
  "POST /api/notification-actions": {
    access: operator("alerts:act"),
    says: "Tries parked ones again, or gives them up",
    body: notificationActionsSchema,
    reply: notificationListSchema,
  },
} as const satisfies Record<string, Endpoint>;
