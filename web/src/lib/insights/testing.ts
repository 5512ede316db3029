import type { Evidence, Insight } from "../../../../contract/insights.ts";

/** A fact about one instance, for tests. */
export const factOf = (id: string, over: Partial<Evidence> = {}): Evidence => ({
  id,
  words: `fact ${id}`,
  subject: "web-1",
  name: "web-1",
  metric: "cpu_busy_ratio",
  value: 0.5,
  from: null,
  to: null,
  incidentId: null,
  ...over,
});

/** A prediction about one instance, found a second after the beginning of time, for tests. */
export const insightOf = (id: string, over: Partial<Insight> = {}): Insight => ({
  id,
  kind: "prediction",
  severity: "warning",
  title: `${id} fills up`,
  claims: [{ text: "It grows.", evidence: ["e1"] }],
  actions: [],
  subjects: [{ id: "web-1", name: "web-1" }],
  metrics: ["filesystem_used_ratio"],
  confidence: 0.9,
  basis: "20 of 21 forecasts held",
  evidence: [factOf("e1")],
  chart: null,
  at: null,
  earliestAt: null,
  latestAt: null,
  monthlySaving: null,
  engine: "local",
  model: null,
  madeAt: 1_000,
  updatedAt: 1_000,
  expiresAt: 100_000,
  dismissedAt: null,
  dismissedBy: null,
  useful: null,
  ...over,
});
