import type { EpochMs } from "../../../contract/units.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import { EngineProblem, type Asking, type Brief, type InsightEngine, type MachineHistory } from "../engine.ts";

/**
 * Asks the first engine, and where that cannot answer the local one, once: what it says then tells why. Anything but the problems of an engine
 * is a fault of ours, and thrown.
 */
export function withFallback(first: InsightEngine, local: InsightEngine): InsightEngine {
  async function either<Result>(
    ask: (engine: InsightEngine) => Promise<Result>,
    noted: (result: Result, why: string) => Result,
  ): Promise<Result> {
    try {
      return await ask(first);
    } catch (error) {
      if (!(error instanceof SnowflakeProblem || error instanceof EngineProblem)) throw error;
      return noted(await ask(local), `${error.message} ${error.remedy}`);
    }
  }
  const asItIs = <Result>(result: Result) => result;
  return {
    name: first.name,
    model: first.model,
    patterns: (machines: readonly MachineHistory[], now: EpochMs) =>
      either((engine) => engine.patterns(machines, now), asItIs),
    anomalies: (machines: readonly MachineHistory[], now: EpochMs) =>
      either((engine) => engine.anomalies(machines, now), asItIs),
    predictions: (machines: readonly MachineHistory[], now: EpochMs) =>
      either((engine) => engine.predictions(machines, now), asItIs),
    summary: (brief: Brief, now: EpochMs) =>
      either(
        (engine) => engine.summary(brief, now),
        (worded, why) => ({ ...worded, note: why }),
      ),
    explain: (brief: Brief, now: EpochMs) =>
      either(
        (engine) => engine.explain(brief, now),
        (worded, why) => ({ ...worded, note: why }),
      ),
    ask: (question: string, asking: Asking, now: EpochMs) =>
      either(
        (engine) => engine.ask(question, asking, now),
        (answer, why) => ({ ...answer, answer: { ...answer.answer, note: why } }),
      ),
  };
}
