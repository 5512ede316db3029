import type { Plan, PlanStep } from "../../../contract/ask.ts";
import type { InsightChart } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { briefOf, type Part } from "../brief/part.ts";
import type { Brief } from "../engine.ts";
import type { AskReader } from "./ask-reader.ts";
import { planInWords } from "./plan-words.ts";
import { changes } from "./queries/changes.ts";
import { comparison } from "./queries/comparison.ts";
import { cost } from "./queries/cost.ts";
import { health } from "./queries/health.ts";
import { incidents } from "./queries/incidents.ts";
import { insights } from "./queries/insights.ts";
import { inventory } from "./queries/inventory.ts";
import type { Asked, Query } from "./queries/query.ts";
import { ranking } from "./queries/ranking.ts";
import { reading } from "./queries/reading.ts";
import { runsOut } from "./queries/runs-out.ts";
import { uptime } from "./queries/uptime.ts";
import { suggestionsAfter } from "./suggestions.ts";

/** All that is ever run for a question. */
const QUERIES: { [Name in PlanStep["query"]]: Query<Name> } = {
  runs_out: runsOut,
  ranking,
  reading,
  comparison,
  insights,
  incidents,
  changes,
  health,
  uptime,
  cost,
  inventory,
};

const CHARTS_MAX = 3;

/** What a plan comes to: facts with ids, and what arithmetic says by them. It only reads. */
export async function runPlan(
  plan: Plan,
  reader: AskReader,
  now: EpochMs,
): Promise<{ brief: Brief; charts: InsightChart[]; understoodAs: string; suggestions: string[] }> {
  const fleet = await reader.fleet();
  const parts: Part[] = [];
  for (const step of plan) parts.push(await run(step, { reader, fleet, now }));
  const understoodAs = planInWords(plan, fleet.instances, now);
  return {
    brief: briefOf("answer", understoodAs, parts),
    charts: parts.flatMap(({ charts }) => charts).slice(0, CHARTS_MAX),
    understoodAs,
    suggestions: suggestionsAfter(plan, fleet.instances),
  };
}

function run<Name extends PlanStep["query"]>(step: Extract<PlanStep, { query: Name }>, asked: Asked): Promise<Part> {
  const query = QUERIES[step.query] as unknown as Query<Name>;
  return query(step, asked);
}
