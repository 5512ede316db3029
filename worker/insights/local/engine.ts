import type { Answer } from "../../../contract/ask.ts";
import type { Worded } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { understand } from "../ask/understand.ts";
import { supportedClaims } from "../claims.ts";
import type { Asking, Brief, InsightEngine } from "../engine.ts";
import { anomalyFindings } from "./anomaly-findings.ts";
import { bandsOf } from "./bands.ts";
import { changeFindings } from "./change-findings.ts";
import { correlationFindings } from "./correlation-findings.ts";
import { boundFor, few } from "./few.ts";
import { fillingFindings } from "./filling-findings.ts";
import { patternFindings } from "./pattern-findings.ts";
import { soundHistory } from "./sound.ts";
import { trafficFinding } from "./traffic-finding.ts";
import { wasteFindings } from "./waste-findings.ts";

/** Arithmetic alone: needs nobody, costs nothing, and says the same of the same history. */
export const localEngine: InsightEngine = {
  name: "local",
  model: null,

  async patterns(machines, now) {
    const histories = machines.map(soundHistory);
    const most = boundFor(machines.length);
    return [
      ...few(patternFindings(histories, now), most),
      ...few(correlationFindings(histories, now), most),
      // Each of these is money, and goes on being found: none is left out for another.
      ...few(wasteFindings(histories, now), Infinity),
    ];
  },

  async anomalies(machines, now) {
    const histories = machines.map(soundHistory);
    const most = boundFor(machines.length);
    return [...few(anomalyFindings(histories, now), most), ...few(changeFindings(histories, now), most)];
  },

  async predictions(machines, now) {
    return machines.map((machine) => {
      const history = soundHistory(machine);
      const bands = bandsOf(history.hourly);
      const traffic = trafficFinding(history, now);
      return { findings: [...fillingFindings(history, now), ...(traffic ? [traffic] : [])], bands };
    });
  },

  summary: async (brief, now) => worded(brief, now),
  explain: async (brief, now) => worded(brief, now),

  async ask(question, asking, now) {
    const understood = understand(question, asking.names, now);
    if ("suggestions" in understood) return notUnderstood(question, understood.suggestions, now);
    return answered(question, understood.plan, asking, now);
  },
};

async function answered(question: string, plan: Answer["plan"], asking: Asking, now: EpochMs): Promise<Answer> {
  const { brief, charts, understoodAs, suggestions } = await asking.run(plan);
  return { now, question, plan, understoodAs, answer: worded(brief, now), charts: charts.slice(0, 3), suggestions };
}

function notUnderstood(question: string, suggestions: string[], now: EpochMs): Answer {
  const nothing: Brief = { task: "answer", about: question, evidence: [], claims: [], actions: [] };
  return { now, question, plan: [], understoodAs: null, answer: worded(nothing, now), charts: [], suggestions };
}

/** What arithmetic says by this evidence, as it stands in the brief. */
function worded({ evidence, claims, actions }: Brief, now: EpochMs): Worded {
  return {
    claims: supportedClaims(claims, evidence),
    actions: supportedClaims(actions, evidence),
    evidence,
    engine: "local",
    model: null,
    note: null,
    madeAt: now,
  };
}
