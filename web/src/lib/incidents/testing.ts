import type { Incident } from "../../../../contract/incidents.ts";

/** A critical incident of one instance that opened a second after the beginning of time, for tests. */
export const incidentOf = (id: string, over: Partial<Incident> = {}): Incident => ({
  id,
  title: `${id} is down`,
  severity: "critical",
  state: "open",
  ruleId: "rule-down",
  ruleName: "Instance down",
  kind: "verdict",
  subject: "web-1",
  instanceId: "web-1",
  reason: "no answer from 3 of 3 regions",
  openedAt: 1_000,
  updatedAt: 1_000,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  members: 1,
  openMembers: 1,
  reopened: 0,
  isSilenced: false,
  tags: [],
  ...over,
});

export const resolvedOf = (id: string, at: number, over: Partial<Incident> = {}): Incident =>
  incidentOf(id, { state: "resolved", resolvedAt: at, updatedAt: at, openMembers: 0, ...over });
