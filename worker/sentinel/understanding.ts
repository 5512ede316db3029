import type { Answer } from "../../contract/ask.ts";
import { INSIGHTS_FRESH_MS, type InsightState, type Summary, type Worded } from "../../contract/insights.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { DatabaseReader } from "../insights/ask/reader.ts";
import { runPlan } from "../insights/ask/run-plan.ts";
import { explainIncident } from "../insights/brief/incident.ts";
import { summarise } from "../insights/brief/summary.ts";
import { countsOf } from "../insights/brief/counts.ts";
import type { Asking, InsightEngine } from "../insights/engine.ts";
import { sendingIds } from "../insights/fleet-size.ts";
import { engineFor, wordingOf } from "../insights/snowflake/engine-of.ts";
import { listInsights } from "../insights/store.ts";
import { shard } from "../live/shard-client.ts";
import { Lane } from "./lane.ts";
import type { Memory } from "./memory.ts";

/** Whoever looks at the summary again within this sees the same: its evidence changes by the hour. */
const SUMMARY_CACHED_MS: DurationMs = 2 * 60_000;
const SUMMARIES_CACHED_MAX = 20;
const SHOWN_MAX = 5;
/** Whoever asks for another look so soon would see the same. */
const LOOK_AGAIN_AFTER_MS: DurationMs = 5 * 60_000;
/** Questions that may wait for their look-ups: each takes a second at most, and nobody waits for long. */
const QUESTIONS_WAITING_MAX = 20;

interface Parts {
  env: Env;
  db: Database;
  memory: Memory;
}

/** Summaries, explanations and answers: what is said by evidence, for somebody who is limited to tags or is not. Here for the object's 30 s of CPU. */
export class Understanding {
  readonly #parts: Parts;
  readonly #lookUps = new Lane();
  #waiting = 0;
  readonly #summaries = new Map<string, { at: EpochMs; summary: Promise<Summary> }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async summary(tags: readonly string[] | null, now: EpochMs): Promise<Summary> {
    const key = JSON.stringify(tags);
    const known = this.#summaries.get(key);
    if (known && now >= known.at && now - known.at < SUMMARY_CACHED_MS) return { ...(await known.summary), now };
    this.#summaries.delete(key);
    if (this.#summaries.size >= SUMMARIES_CACHED_MAX) this.#summaries.clear();
    const summary = this.#summary(tags, now);
    this.#summaries.set(key, { at: now, summary });
    try {
      return await summary;
    } catch (error) {
      this.#summaries.delete(key);
      throw error;
    }
  }

  async explain(incidentId: string, tags: readonly string[] | null, now: EpochMs): Promise<Worded> {
    const brief = await explainIncident(this.#reader(tags, now), incidentId, now);
    if (!brief) {
      throw new NephosError("not_found", "There is no such incident.", {
        field: "id",
        remedy: "It may have been removed; the alerts page lists what there is.",
      });
    }
    return (await this.#engine(now)).explain(brief, now);
  }

  async ask(question: string, tags: readonly string[] | null, now: EpochMs): Promise<Answer> {
    const reader = this.#reader(tags, now);
    const { instances } = await reader.fleet();
    const asking: Asking = {
      names: instances.map(({ id, name, tags: own }) => ({ id, name, tags: own })),
      run: (plan) => this.#inTurn(() => runPlan(plan, reader, now)),
    };
    return (await this.#engine(now)).ask(question, asking, now);
  }

  /** One look-up at a time: they are one core's work. Whoever waits for a model's words holds up nobody. */
  async #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= QUESTIONS_WAITING_MAX) {
      throw new NephosError("too_busy", "Too many questions are being asked just now.", {
        remedy: "Ask again in some seconds.",
        retryAfterSeconds: 5,
      });
    }
    this.#waiting++;
    try {
      return await this.#lookUps.run(run);
    } finally {
      this.#waiting--;
    }
  }

  /** How much of the fleet has been looked into, and who finds the words. */
  async state(tags: readonly string[] | null, now: EpochMs): Promise<InsightState> {
    const [ids, wording] = await Promise.all([
      sendingIds(this.#parts.db, tags),
      wordingOf(this.#parts.env, this.#parts.db, now),
    ]);
    const looked = ids.flatMap((id) => this.#parts.memory.instances.get(id)?.lookedIntoAt ?? []);
    return {
      lookedAt: looked.length > 0 ? Math.min(...looked) : null,
      instances: ids.length,
      looked: looked.filter((at) => now - at < INSIGHTS_FRESH_MS).length,
      ...wording,
    };
  }

  /** Every machine that these tags may see is due again, but for those that were just looked into. Answers how many. */
  async lookAgain(tags: readonly string[] | null, now: EpochMs): Promise<number> {
    const { db, memory } = this.#parts;
    const ids = (await sendingIds(db, tags)).filter((id) => {
      const at = memory.instances.get(id)?.lookedIntoAt ?? 0;
      return now - at >= LOOK_AGAIN_AFTER_MS || at > now;
    });
    for (const id of ids) {
      const { lookTriedAt: _tried, ...rest } = memory.instances.get(id) ?? {};
      memory.instances.set(id, rest);
    }
    return ids.length;
  }

  async #summary(tags: readonly string[] | null, now: EpochMs): Promise<Summary> {
    const reader = this.#reader(tags, now);
    const brief = await summarise(reader, now);
    const shown = { dismissed: "no", limit: SHOWN_MAX } as const;
    const [health, counts, predictions, anomalies, patterns, state] = await Promise.all([
      this.#engine(now).then((engine) => engine.summary(brief, now)),
      countsOf(reader, now),
      listInsights(this.#parts.db, { ...shown, group: "predictions" }, tags, now),
      listInsights(this.#parts.db, { ...shown, group: "anomalies" }, tags, now),
      listInsights(this.#parts.db, { ...shown, group: "patterns" }, tags, now),
      this.state(tags, now),
    ]);
    const findings = [...anomalies.insights, ...patterns.insights].slice(0, SHOWN_MAX);
    return { now, health, counts, predictions: predictions.insights, findings, state };
  }

  #engine(now: EpochMs): Promise<InsightEngine> {
    return engineFor(this.#parts.env, this.#parts.db, now);
  }

  #reader(tags: readonly string[] | null, now: EpochMs): DatabaseReader {
    const { env, db, memory } = this.#parts;
    return new DatabaseReader(
      {
        db,
        tags,
        latest: (ids) => shard(env).latest([...ids]),
        held: (ids, keys) => shard(env).held(ids, keys),
        running: async (ids) => {
          const known = ids.flatMap((id) => {
            const uptime = memory.checks.get(id)?.uptime ?? memory.instances.get(id)?.uptime;
            return uptime ? [[id, uptime] as const] : [];
          });
          return new Map(known);
        },
      },
      now,
    );
  }
}
