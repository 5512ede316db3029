import { CHECK_ID_PREFIX } from "../../../../contract/limits.ts";
import type { InsightChart } from "../../../../contract/insights.ts";
import type { SeriesColumns } from "../../../../contract/series.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { call } from "../api.ts";

/** One series of one subject, as it is drawn. */
export interface EvidenceLine {
  subject: string;
  metric: string;
  at: EpochMs[];
  values: (number | null)[];
}

/** A screen of small charts asks side by side, but not all of it at once. */
const AT_ONCE = 4;
const KEPT_MAX = 120;

/** What was asked for in this visit: a row that comes back into sight is not asked for again. */
const kept = new Map<string, Promise<EvidenceLine[]>>();
const waiting: (() => void)[] = [];
let running = 0;

/**
 * The chart with as many of its subjects as there is room for lines: what moves together is seen in two as well as in twenty, and all of
 * them could not be told apart.
 */
export function withinRoom(chart: InsightChart, linesMax: number): InsightChart {
  const subjects = chart.subjects.slice(0, Math.max(1, Math.floor(linesMax / chart.metrics.length)));
  return subjects.length === chart.subjects.length ? chart : { ...chart, subjects };
}

/** The readings a chart is made of, up to now: what lies ahead is in its band. */
export function linesOf(chart: InsightChart, now: EpochMs, points: number): Promise<EvidenceLine[]> {
  const name = JSON.stringify([chart.subjects, chart.metrics, chart.from, chart.to, points]);
  let lines = kept.get(name);
  if (!lines) {
    lines = inTurn(() => askFor(chart, now, points));
    kept.set(name, lines);
    lines.catch(() => kept.delete(name));
    for (const old of kept.keys()) if (kept.size > KEPT_MAX) kept.delete(old);
  }
  return lines;
}

async function askFor(
  { subjects, metrics, from, to }: InsightChart,
  now: EpochMs,
  points: number,
): Promise<EvidenceLine[]> {
  const window = {
    metrics: metrics.map(encodeURIComponent).join(","),
    from: String(Math.floor(from)),
    to: String(Math.ceil(Math.max(from + 1, Math.min(to, now)))),
    points: String(points),
  };
  const isCheck = (subject: string) => subject.startsWith(CHECK_ID_PREFIX);
  const instances = subjects.filter((subject) => !isCheck(subject));
  const ofInstances =
    instances.length === 0
      ? Promise.resolve({})
      : call("GET /api/series", {
          query: { ...window, instances: instances.map(encodeURIComponent).join(",") },
        }).then((reply) => reply.instances);
  const ofChecks = subjects
    .filter(isCheck)
    .map(async (id) => [id, await call("GET /api/checks/:id/series", { params: { id }, query: window })] as const);
  const columns: Record<string, SeriesColumns> = {
    ...(await ofInstances),
    ...Object.fromEntries(await Promise.all(ofChecks)),
  };
  return linesIn(columns, subjects, metrics);
}

/** The lines in the order of the chart; a series that has no reading is none. */
export function linesIn(
  columns: Readonly<Record<string, SeriesColumns>>,
  subjects: readonly string[],
  metrics: readonly string[],
): EvidenceLine[] {
  return subjects.flatMap((subject) => {
    const reply = columns[subject];
    return metrics.flatMap((metric) => {
      const values = reply?.series[metric]?.mean;
      if (!reply || !values?.some((value) => value !== null)) return [];
      return [{ subject, metric, at: reply.at, values }];
    });
  });
}

async function inTurn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await ask();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
