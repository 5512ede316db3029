import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { exportDue } from "../export/export.ts";
import { EngineProblem, type Finding } from "../insights/engine.ts";
import { machineOf } from "../insights/look.ts";
import { readPast } from "../insights/past.ts";
import { isLearningDue } from "../insights/snowflake/learn.ts";
import { snowflakeEngine } from "../insights/snowflake/engine-of.ts";
import { keepFindings } from "../insights/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { shard } from "../live/shard-client.ts";
import { planOf } from "../live/thrift.ts";
import { log, messageOf } from "../log.ts";
import { systemClock } from "../snowflake/clock.ts";
import { openSnowflake } from "../snowflake/open.ts";
import { SnowflakeProblem } from "../snowflake/problem.ts";
import { noteProblem, readConnection, readSettings } from "../snowflake/store.ts";
import { LEARNING_MACHINES_MAX, LEARNING_PER_READ } from "../settings.ts";
import type { Memory } from "./memory.ts";
import type { StepOutcome } from "./steps.ts";

interface Parts {
  env: Env;
  db: Database;
  memory: Memory;
  /** Goes on when the tick is over. */
  background(work: Promise<unknown>): void;
}

/** What of Snowflake's past is looked at for the last reading of each series. */
const RECENT_MS = 2 * 86_400_000;
const FILLING = ["filesystem_used_ratio", "filesystem_inodes_used_ratio", "memory_used_ratio"] as const;

/**
 * The parts of a tick that speak with Snowflake, where it is connected. What is wrong there is noted with the connection and shown on its
 * page: it fails no step, for the tick itself is well.
 */
export class SnowflakeSteps {
  readonly #parts: Parts;
  #isLearning = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sends what is new, where it is due. */
  async export(now: EpochMs, until: EpochMs): Promise<StepOutcome> {
    const { env, db } = this.#parts;
    const connection = await readConnection(db);
    if (!connection) return {};
    const settings = await readSettings(db);
    if (!settings.isExportOn) return {};
    try {
      const client = (await openSnowflake(env, db, systemClock))!;
      return await exportDue({ db, client, settings, now, until, clock: systemClock });
    } catch (error) {
      if (!(error instanceof SnowflakeProblem)) throw error;
      await noteProblem(db, connection, error, now);
      return { says: error.message };
    }
  }

  /** Begins to learn from the long history, as often as its owner chose: that takes minutes, which no tick waits for. */
  async learn(instances: readonly InstanceRow[], now: EpochMs): Promise<StepOutcome> {
    const { db, memory, background } = this.#parts;
    if (this.#isLearning) return { says: "still learning" };
    const connection = await readConnection(db);
    if (!connection) return {};
    // Whatever came of the last time, the warehouse was started for it; another account has not been learned from.
    const { learningBegunAt = null } = memory.notes;
    const begunAt = learningBegunAt !== null && learningBegunAt >= connection.connectedAt ? learningBegunAt : null;
    if (!isLearningDue(await readSettings(db), begunAt, now)) return {};
    memory.notes.learningBegunAt = now;
    await memory.save();
    this.#isLearning = true;
    background(
      this.#learn(instances, now).finally(() => {
        this.#isLearning = false;
      }),
    );
    return { says: "began to learn from the long history" };
  }

  async #learn(instances: readonly InstanceRow[], now: EpochMs): Promise<void> {
    const { env, db } = this.#parts;
    try {
      const engine = await snowflakeEngine(env, db, now);
      const sending = instances.filter(({ intervalMs }) => intervalMs > 0).slice(0, LEARNING_MACHINES_MAX[planOf(env)]);
      const histories = await this.#recent(sending, now);
      // Kept part by part: what fails later takes nothing of it away. No language model has worded it.
      const keep = (findings: Finding[]) => keepFindings(db, findings, { name: engine.name, model: null }, now);
      const foretold = await engine.predictions(histories, now);
      let findings = await keep(foretold.flatMap((one) => one.findings));
      findings += await keep(await engine.anomalies(histories, now));
      findings += await keep(await engine.patterns(histories, now));
      log({ event: "learned", findings });
    } catch (error) {
      // What is wrong with the account is noted with the connection already.
      if (error instanceof SnowflakeProblem || error instanceof EngineProblem) return;
      log({ event: "learning_failed", message: messageOf(error) });
    }
  }

  /** Of each machine what it is and its last readings: the long history is Snowflake's. */
  async #recent(rows: readonly InstanceRow[], now: EpochMs) {
    const { env, db } = this.#parts;
    const held = (ids: string[], keys: string[]) => shard(env).held(ids, keys);
    const histories = [];
    for (let first = 0; first < rows.length; first += LEARNING_PER_READ) {
      const some = rows.slice(first, first + LEARNING_PER_READ);
      const ids = some.map(({ id }) => id);
      const past = await readPast({ db, held }, ids, now - 3_600_000, now, { hourlyMs: RECENT_MS, keys: FILLING });
      for (const row of some) {
        histories.push({ machine: machineOf(row), hourly: past.get(row.id)!.hourly, fine: new Map(), spans: [] });
      }
    }
    return histories;
  }
}
