import { asc, gt } from "drizzle-orm";
import type { InsightSeverity } from "../../../contract/insight-kinds.ts";
import type { DurationMs } from "../../../contract/units.ts";
import { groupOf } from "../../insights/store.ts";
import { insight, type InsightRow } from "../../insights/table.ts";
import { momentOrNull, momentText, type LandingRow } from "../batch.ts";
import { AI_INSIGHTS } from "../landing.ts";
import { minuteText, type OutgoingStream, type StreamParts } from "./stream.ts";
import { openThings } from "./thing-stream.ts";

/** Each with its evidence: some kilobytes. */
const ROWS_MAX = 100;
/** An insight that is over is kept for so long. */
const KEPT_MS: DurationMs = 7 * 86_400_000;

const TYPE_OF = { patterns: "pattern", anomalies: "anomaly", predictions: "prediction" } as const;
const SEVERITY_OF = { info: "low", warning: "medium", critical: "high" } as const satisfies Record<
  InsightSeverity,
  string
>;

/** Insights as they are: also what people think of one, and that it is over, change it. */
export function openInsights(parts: StreamParts): OutgoingStream {
  const { db, now, exportedAt } = parts;
  return openThings<InsightRow, 0>(parts, {
    table: AI_INSIGHTS,
    readAfter: (last) => {
      const after = last && gt(insight.id, last.id);
      return db
        .select()
        .from(insight)
        .where(after ?? undefined)
        .orderBy(asc(insight.id))
        .limit(ROWS_MAX);
    },
    rowOf,
    noteOf: () => 0,
    goneRow: () => null,
    stampedWith: { EXPORTED_AT: exportedAt },
    missed: (allSentAt) =>
      allSentAt < now - KEPT_MS
        ? `Of those that were found from ${minuteText(allSentAt)} on and over before ${minuteText(now - KEPT_MS)} UTC some may be missing: they were no longer kept here when they could be sent.`
        : null,
  });
}

function rowOf(row: InsightRow): LandingRow {
  const { kind, claims, subjects, metrics, confidence, actions, basis, evidence, engine, model, monthlySaving } = row;
  return {
    ID: row.id,
    INSIGHT_TYPE: TYPE_OF[groupOf(kind)],
    SEVERITY: SEVERITY_OF[row.severity],
    TITLE: row.title,
    DESCRIPTION: claims.map(({ text }) => text).join(" "),
    AFFECTED_INSTANCES: subjects.map(({ id }) => id),
    METRICS_ANALYZED: metrics,
    CONFIDENCE_SCORE: confidence,
    RECOMMENDATIONS: actions.length > 0 ? actions.join("\n") : null,
    CREATED_AT: momentText(row.madeAt),
    EXPIRES_AT: momentOrNull(row.expiresAt),
    METADATA: {
      kind,
      engine,
      model,
      basis,
      evidence,
      at: row.at,
      earliest_at: row.earliestAt,
      latest_at: row.latestAt,
      monthly_saving: monthlySaving,
      dismissed_at: row.dismissedAt,
      useful: row.useful,
    },
  };
}
