import { planStepSchema, type PlanStep } from "../../../contract/ask.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader } from "../ask/ask-reader.ts";
import { cost } from "../ask/queries/cost.ts";
import { health } from "../ask/queries/health.ts";
import { incidents } from "../ask/queries/incidents.ts";
import { insights } from "../ask/queries/insights.ts";
import { isNobody, nobody, type StepOf } from "../ask/queries/query.ts";
import { runsOut } from "../ask/queries/runs-out.ts";
import type { Brief } from "../engine.ts";
import { briefOf, type Part } from "./part.ts";

/** Without the time: what is asked of a model would be something else each minute. */
const ABOUT = "The fleet in the last 24 hours";
/** What is foretold within so many days belongs to today. */
const AHEAD_DAYS = 14;

/** The day in facts: how the fleet is, what happened and was found in the last 24 hours, what comes, and what to do. */
export async function summarise(reader: AskReader, now: EpochMs): Promise<Brief> {
  const fleet = await reader.fleet();
  if (isNobody({ ...fleet, subjects: null, words: "" })) return briefOf("summary", ABOUT, [nobody(fleet)]);
  const asked = { reader, fleet, now };
  const parts: Part[] = [
    shortened(await health(step({ query: "health" }), asked), 5),
    shortened(await incidents(step({ query: "incidents", state: "all", overDays: 1 }), asked), 5),
    shortened(await insights(step({ query: "insights", kinds: ["anomaly", "change"], overDays: 1 }), asked), 5),
    shortened(await runsOut(step({ query: "runs_out", metric: null, withinDays: AHEAD_DAYS }), asked), 4),
    ...(await waste(asked)),
  ];
  return briefOf("summary", ABOUT, parts);
}

/** Only where something could be saved: what the fleet costs is no news of the day. */
async function waste(asked: Parameters<typeof cost>[1]): Promise<Part[]> {
  const found = await insights(step({ query: "insights", kinds: ["waste"], overDays: 30 }), asked);
  return found.actions.length > 0 ? [shortened(found, 2)] : [];
}

/** The answer, and some of what it is made of. */
function shortened(one: Part, claims: number): Part {
  return { ...one, claims: one.claims.slice(0, claims), actions: one.actions.slice(0, 3) };
}

function step<Name extends PlanStep["query"]>(given: { query: Name } & Record<string, unknown>): StepOf<Name> {
  return planStepSchema.parse(given) as StepOf<Name>;
}
