import type { Answer } from "../../../contract/ask.ts";
import type { Worded } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { SnowflakeClient } from "../../snowflake/client.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import {
  EngineProblem,
  type Asking,
  type Brief,
  type Finding,
  type Foretold,
  type InsightEngine,
  type MachineHistory,
} from "../engine.ts";
import { askModel, noting, type Desk } from "./desk.ts";
import { learnedAnomalies, learnedPatterns, learnedPredictions } from "./learn.ts";
import { likenessOf } from "./likeness.ts";
import { planFrom, planPrompt } from "./plan.ts";
import { wordingPrompt } from "./prompt.ts";
import { supportedWords } from "./supported.ts";

/**
 * Snowflake: words by Cortex, foresight by its own models over the long history. It is given evidence and may only phrase it; what it says is
 * held against that, sentence by sentence. Throws `SnowflakeProblem` or `EngineProblem`: whoever asks has the local engine do it then.
 */
export class SnowflakeEngine implements InsightEngine {
  readonly name = "snowflake";
  readonly model: string;
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.model = desk.settings.model;
  }

  summary(brief: Brief, now: EpochMs): Promise<Worded> {
    return this.#worded(brief, now);
  }

  explain(brief: Brief, now: EpochMs): Promise<Worded> {
    return this.#worded(brief, now);
  }

  /** The model chooses from the look-ups that there are; what they find is put into words as any evidence. */
  async ask(question: string, asking: Asking, now: EpochMs): Promise<Answer> {
    const prompt = await planPrompt(question, asking.names, now);
    const read = (said: unknown) => planFrom(said, question, asking.names);
    const plan = await askModel(this.#desk, { task: "plan", prompt, read }, now);
    const { brief, charts, ...found } = await asking.run(plan);
    return { now, question, plan, ...found, charts: charts.slice(0, 3), answer: await this.#wordedOrPlain(brief, now) };
  }

  async #worded(brief: Brief, now: EpochMs): Promise<Worded> {
    // Nothing was measured: there is nothing to put into words.
    if (brief.evidence.length === 0) return plainly(brief, null, now);
    const { task } = brief;
    const prompt = await wordingPrompt(brief, now);
    const read = (said: unknown, madeAt: EpochMs) => this.#checked(said, brief, madeAt);
    // A summary is looked at all day: it stands as long as it speaks of the same things and every sentence of it holds.
    const held = ({ claims, actions }: Worded) => ({ claims, actions });
    const alike = task === "summary" ? { alike: { likeness: likenessOf(brief), held } } : {};
    return await askModel(this.#desk, { task, prompt, read, ...alike }, now);
  }

  #checked(said: unknown, brief: Brief, madeAt: EpochMs): Worded | null {
    const words = supportedWords(said, brief);
    return words && { ...words, evidence: brief.evidence, engine: this.name, model: this.model, note: null, madeAt };
  }

  /** The look-up is done and its own words are there: they are the local engine's. */
  async #wordedOrPlain(brief: Brief, now: EpochMs): Promise<Worded> {
    try {
      return await this.#worded(brief, now);
    } catch (error) {
      if (!(error instanceof SnowflakeProblem || error instanceof EngineProblem)) throw error;
      return plainly(brief, error.message, now);
    }
  }

  /** Each of these starts the warehouse, and learns from all that is in Snowflake: for all machines at once, and no more often than is wanted. */
  patterns(machines: readonly MachineHistory[], now: EpochMs): Promise<Finding[]> {
    return this.#learned(learnedPatterns, machines, now);
  }

  anomalies(machines: readonly MachineHistory[], now: EpochMs): Promise<Finding[]> {
    return this.#learned(learnedAnomalies, machines, now);
  }

  predictions(machines: readonly MachineHistory[], now: EpochMs): Promise<Foretold[]> {
    return this.#learned(learnedPredictions, machines, now);
  }

  #learned<Found>(
    learn: (client: SnowflakeClient, machines: readonly MachineHistory[], now: EpochMs) => Promise<Found>,
    machines: readonly MachineHistory[],
    now: EpochMs,
  ): Promise<Found> {
    return noting(this.#desk, async () => learn(await this.#desk.open(), machines, now));
  }
}

function plainly({ claims, actions, evidence }: Brief, note: string | null, now: EpochMs): Worded {
  return { claims, actions, evidence, engine: "local", model: null, note, madeAt: now };
}
