import type { Insight, InsightSeverity, Summary } from "../../contract/insights.ts";
import { metricOf } from "../../contract/metric.ts";
import type {
  OriginalInsight,
  OriginalInsightSeverity,
  OriginalInsightType,
} from "../../contract/original-insights.ts";
import type { QueryOf, ReplyOf } from "../../contract/api.ts";
import type { ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { countBySeverity, groupOf, listInsights } from "../insights/store.ts";
import { originalNameOf } from "./names.ts";

const GROUP_OF = { pattern: "patterns", anomaly: "anomalies", prediction: "predictions" } as const;
const TYPE_OF = { patterns: "pattern", anomalies: "anomaly", predictions: "prediction" } as const;
const SEVERITY_OF = { info: "low", warning: "medium", critical: "high" } as const satisfies Record<
  InsightSeverity,
  OriginalInsightSeverity
>;
const SEVERITY_FROM = { low: "info", medium: "warning", high: "critical" } as const;

export async function originalInsights(
  c: ApiContext,
  { type, severity, limit }: QueryOf<"GET /insights">,
): Promise<OriginalInsight[]> {
  const asked = {
    group: type && GROUP_OF[type],
    severity: severity && SEVERITY_FROM[severity],
    dismissed: "no",
    limit,
  } as const;
  const { insights } = await listInsights(database(c.env.DB), asked, c.var.principal.person.tags, Date.now());
  return insights.map(insightOf);
}

/** The day in the original's shape: one text, and how many there are of what. */
export async function originalSummary(
  c: ApiContext,
  { health, predictions, findings }: Summary,
  freshGeneration: boolean,
): Promise<ReplyOf<"GET /insights/summary">> {
  const counts = await countBySeverity(database(c.env.DB), c.var.principal.person.tags, Date.now());
  const stats = new Map<string, ReplyOf<"GET /insights/summary">["stats"][number]>();
  for (const { kind, severity, count } of counts) {
    const row = { INSIGHT_TYPE: typeOf(kind), SEVERITY: SEVERITY_OF[severity], COUNT: count };
    const key = `${row.INSIGHT_TYPE} ${row.SEVERITY}`;
    stats.set(key, { ...row, COUNT: count + (stats.get(key)?.COUNT ?? 0) });
  }
  const worst = [...predictions, ...findings].find(({ severity }) => severity === "critical");
  return {
    summary: [...health.claims, ...health.actions].map(({ text }) => text).join("\n"),
    stats: [...stats.values()],
    criticalInsight: worst ? insightOf(worst) : null,
    generatedAt: new Date(health.madeAt).toISOString(),
    metadata: { aiModel: health.model === null ? "none" : `Snowflake Cortex - ${health.model}`, freshGeneration },
  };
}

function typeOf(kind: Insight["kind"]): OriginalInsightType {
  return TYPE_OF[groupOf(kind)];
}

function insightOf(insight: Insight): OriginalInsight {
  const { id, kind, severity, title, claims, subjects, metrics, confidence, actions, madeAt, expiresAt } = insight;
  const { at, earliestAt, latestAt, basis, engine, evidence, monthlySaving } = insight;
  return {
    id,
    type: typeOf(kind),
    severity: SEVERITY_OF[severity],
    title,
    description: claims.map(({ text }) => text).join(" "),
    affectedInstances: subjects.map((subject) => subject.id),
    metricsAnalyzed: metrics.map((metric) => originalNameOf(metric) ?? metricOf(metric)),
    confidenceScore: confidence,
    recommendations: actions.join(" "),
    createdAt: new Date(madeAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    metadata: { kind, at, earliestAt, latestAt, basis, engine, monthlySaving, evidence },
  };
}
