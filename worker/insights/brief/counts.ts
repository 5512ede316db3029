import type { Summary } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader } from "../ask/ask-reader.ts";

const DAY_MS = 86_400_000;

/** How many are how, of what may be seen. Whom nobody can tell of is unknown; who is no longer listed is not counted. */
export async function countsOf(reader: AskReader, now: EpochMs): Promise<Summary["counts"]> {
  const within = { from: now - DAY_MS, to: now };
  const [{ instances }, open, began] = await Promise.all([
    reader.fleet(),
    reader.incidents({ state: "open", within, subjects: null, max: 1 }),
    reader.incidents({ state: "all", within, onlyBegun: true, subjects: null, max: 1 }),
  ]);
  const counts = { instances: 0, up: 0, down: 0, degraded: 0, unknown: 0 };
  for (const { judgement, goneAt } of instances) {
    if (goneAt !== null) continue;
    counts.instances++;
    const verdict = judgement?.verdict ?? "unsure";
    counts[verdict === "unsure" ? "unknown" : verdict]++;
  }
  return { ...counts, openIncidents: open.total, incidentsInDay: began.total };
}
