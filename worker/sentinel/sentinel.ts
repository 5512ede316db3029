import { DurableObject } from "cloudflare:workers";
import type { TickStep } from "../../contract/health.ts";
import type { Answer } from "../../contract/ask.ts";
import type { InsightState, Summary, Worded } from "../../contract/insights.ts";
import type { Preview } from "../../contract/rules.ts";
import type { EpochMs } from "../../contract/units.ts";
import { heartbeatPurpose } from "../checks/sealed-columns.ts";
import { isDue, nextDueAt } from "../checks/due.ts";
import type { UptimeState } from "../checks/uptime.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError, type Refusal } from "../errors.ts";
import { log, messageOf } from "../log.ts";
import { calling, shard } from "../live/shard-client.ts";
import { planOf } from "../live/thrift.ts";
import { findAccount } from "../providers/store.ts";
import { ProviderProblem } from "../providers/provider.ts";
import {
  CARRY_ON_AFTER_MS,
  HEARTBEAT_TIMEOUT_MS,
  OUTSIDE_REQUESTS_PER_EVENT_MAX,
  STEP_BUDGET_MS,
  TICK_EVERY_MS,
  TICK_HANGS_AFTER_MS,
} from "../settings.ts";
import { DETECTOR_VERSION } from "../insights/local/anomaly/detector.ts";
import { usage } from "../usage.ts";
import { vaultOf } from "../vault/vault.ts";
import { Checking } from "./checking.ts";
import { Discovery, type Discovered } from "./discovery.ts";
import { Lane } from "./lane.ts";
import type { LastRound } from "./last-round.ts";
import { Memory } from "./memory.ts";
import { PreviewLane } from "./preview-lane.ts";
import { READ_MAX } from "./preview-reader.ts";
import { Previewing, type PreviewAsked, type PreviewSurroundings } from "./previewing.ts";
import { Probers } from "./probers.ts";
import { RequestBudget } from "./request-budget.ts";
import { runSteps, type Surroundings } from "./steps.ts";
import { SnowflakeSteps } from "./snowflake-steps.ts";
import { saveTick } from "./store.ts";
import { Tick } from "./tick.ts";
import { Understanding } from "./understanding.ts";
import { StoredWatches } from "./watch-store.ts";

export type DiscoveryAnswer =
  { ok: true; discovered: Discovered } | { ok: false; problem: Pick<ProviderProblem, "code" | "message" | "remedy"> };

export type PreviewAnswer = { ok: true; preview: Preview } | { ok: false; refusal: Refusal };

/** What was worked out, or why it was not. */
export type Said<Result> = { ok: true; result: Result } | { ok: false; refusal: Refusal };

const SURROUNDINGS: Surroundings = {
  clock: Date.now,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => clearTimeout(timer));
    }),
};

/**
 * The two-minute tick: one object, so that no two ticks overlap, and with 30 s of CPU where cron has 10 ms. Cron only wakes it; an alarm
 * carries on what did not fit, and looks at checks that are due more often. Lifecycle only: what a tick does is in `tick.ts`.
 */
export class Sentinel extends DurableObject<Env> {
  readonly #db: Database;
  readonly #memory: Memory;
  readonly #discovery: Discovery;
  readonly #checking: Checking;
  /** One tick at a time, one look at a time; who waits for a look does not wait for a tick. */
  #ticks = new Lane();
  readonly #looks = new Lane();
  /** Beside both: a preview yields every few milliseconds, and neither waits for it. */
  readonly #previews = new PreviewLane();
  readonly #understanding: Understanding;
  readonly #watches: StoredWatches;
  readonly #snowflake: SnowflakeSteps;
  #tickingSince: EpochMs | null = null;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#db = database(env.DB);
    this.#memory = new Memory(state.storage);
    this.#understanding = new Understanding({ env, db: this.#db, memory: this.#memory });
    this.#snowflake = new SnowflakeSteps({
      env,
      db: this.#db,
      memory: this.#memory,
      background: (work) => state.waitUntil(work),
    });
    this.#watches = new StoredWatches(state.storage, DETECTOR_VERSION);
    const vault = () => vaultOf(env);
    this.#discovery = new Discovery(this.#db, vault, this.#memory, {
      found: (instances) => shard(env).instancesFound(instances),
      removed: ({ id, tags }) => shard(env).instancesRemoved([{ id, tags }], []),
    });
    const record = (observations: Parameters<ReturnType<typeof shard>["record"]>[0]) => shard(env).record(observations);
    this.#checking = new Checking(this.#db, vault, this.#memory, new Probers(env), record);
  }

  /** Woken by cron. A tick that finds the one before still at work leaves it to its work; one that hangs is left behind. */
  async tick(now: EpochMs): Promise<void> {
    const startedAt = Date.now();
    if (this.#tickingSince !== null) {
      log({ event: "tick_overlapped" });
      if (startedAt - this.#tickingSince < TICK_HANGS_AFTER_MS) return;
      this.#ticks = new Lane();
    }
    this.#tickingSince = startedAt;
    try {
      await this.#inTurn(this.#ticks, () => this.#tick(now));
    } finally {
      if (this.#tickingSince === startedAt) this.#tickingSince = null;
    }
  }

  /** What did not fit into the tick, and checks that are due before the next. */
  override async alarm(): Promise<void> {
    await this.#inTurn(this.#ticks, async () => {
      const now = Date.now();
      const only = new Set([...this.#unfinished(), "checks", "judge"]);
      const tick = this.#newTick(now, false);
      await this.#run(tick, only);
      await this.#plan(tick, now);
      await this.#memory.save();
    });
  }

  /** Lists one account now, for somebody who waits. */
  async discover(accountId: string): Promise<DiscoveryAnswer> {
    return this.#counted(async () => {
      const now = Date.now();
      const account = await findAccount(this.#db, accountId);
      if (!account) throw new Error(`There is no account ${accountId}.`);
      this.#discovery.forget(accountId);
      try {
        const until = now + STEP_BUDGET_MS.discover;
        const discovered = await this.#discovery.discover(account, this.#budget(), now, until);
        // What is new is judged at once, by its provider's word: nobody who waits for it is to wait for a tick as well.
        await this.#newTick(now, true).judge();
        await this.#memory.save();
        if (this.#unfinished().length > 0) await this.#soon(now);
        return { ok: true as const, discovered };
      } catch (error) {
        if (!(error instanceof ProviderProblem)) throw error;
        const { code, message, remedy } = error;
        return { ok: false as const, problem: { code, message, remedy } };
      }
    });
  }

  /** Looks at these checks now, and judges their instances. `hostname` is where whoever asks uses this Nephos. */
  async look(checkIds: string[], hostname: string | null = null): Promise<void> {
    await this.#inTurn(this.#looks, async () => {
      const now = Date.now();
      if (hostname !== null) this.#memory.notes.hostnames[hostname] = now;
      const tick = this.#newTick(now, false);
      await tick.look(new Set(checkIds), now + STEP_BUDGET_MS.checks);
      await this.#memory.save();
      await this.#plan(tick, now);
    });
  }

  /** What a rule would have done. `by`: the session that asks, whose older previews are superseded. Here for its 30 s of CPU. */
  async preview(asked: PreviewAsked, by: string): Promise<PreviewAnswer> {
    return this.#counted(async () => {
      const around: PreviewSurroundings = {
        held: (ids, keys) => calling(async () => shard(this.env).held(ids, keys)),
        readMax: READ_MAX[planOf(this.env)],
        clock: Date.now,
        pause: () => scheduler.wait(0),
      };
      try {
        const preview = await this.#previews.run(by, (isStopped) =>
          new Previewing(this.#db, around, isStopped).preview(asked, Date.now()),
        );
        return { ok: true as const, preview };
      } catch (error) {
        if (!(error instanceof NephosError)) throw error;
        return { ok: false as const, refusal: error.refusal };
      }
    });
  }

  /** The day in words, for somebody who is limited to these tags; null: to none. */
  async summary(tags: readonly string[] | null): Promise<Said<Summary>> {
    return this.#said(() => this.#understanding.summary(tags, Date.now()));
  }

  async explain(incidentId: string, tags: readonly string[] | null): Promise<Said<Worded>> {
    return this.#said(() => this.#understanding.explain(incidentId, tags, Date.now()));
  }

  async ask(question: string, tags: readonly string[] | null): Promise<Said<Answer>> {
    return this.#said(() => this.#understanding.ask(question, tags, Date.now()));
  }

  async insightState(tags: readonly string[] | null): Promise<InsightState> {
    return this.#counted(() => this.#understanding.state(tags, Date.now()));
  }

  async lookAgain(tags: readonly string[] | null): Promise<number> {
    return this.#counted(() => this.#understanding.lookAgain(tags, Date.now()));
  }

  /** A refusal does not cross to a request as itself. */
  async #said<Result>(run: () => Promise<Result>): Promise<Said<Result>> {
    return this.#counted(async () => {
      try {
        return { ok: true as const, result: await run() };
      } catch (error) {
        if (!(error instanceof NephosError)) throw error;
        return { ok: false as const, refusal: error.refusal };
      }
    });
  }

  /** The last rounds of these checks. */
  async lastRounds(checkIds: string[]): Promise<Record<string, LastRound>> {
    await this.#memory.loaded();
    const rows = checkIds.flatMap((id) => {
      const known = this.#memory.checks.get(id);
      return known ? [[id, known] as const] : [];
    });
    return Object.fromEntries(
      rows.map(([id, { lastRoundAt, results, uptime, intervalMs }]) => [
        id,
        { lastRoundAt, results, uptime, nextRoundAt: nextDueAt({ intervalMs, lastRoundAt }, Date.now()) },
      ]),
    );
  }

  async uptimeOfInstance(id: string): Promise<UptimeState | null> {
    await this.#memory.loaded();
    return this.#memory.instances.get(id)?.uptime ?? null;
  }

  async steps(): Promise<TickStep[]> {
    await this.#memory.loaded();
    return this.#memory.notes.steps;
  }

  /** Checks or an account that are no more. */
  async forget({ checkIds = [], accountId }: { checkIds?: string[]; accountId?: string }): Promise<void> {
    await this.#counted(async () => {
      for (const id of checkIds) this.#memory.checks.delete(id);
      if (accountId !== undefined) this.#discovery.forget(accountId);
      await this.#memory.save();
    });
  }

  async #tick(now: EpochMs): Promise<void> {
    const startedAt = Date.now();
    this.#memory.notes.tickAt = now;
    const tick = this.#newTick(now, true);
    await this.#run(tick);
    await this.#sendHeartbeat(tick);
    const { steps } = this.#memory.notes;
    const durationMs = Date.now() - startedAt;
    await saveTick(this.#db, now + durationMs, durationMs, steps);
    await this.#memory.save();
    await this.#plan(tick, now);
    log({
      event: "tick",
      durationMs,
      steps: steps.length,
      failed: steps.filter(({ isOk }) => !isOk).length,
    });
  }

  #newTick(now: EpochMs, isTick: boolean): Tick {
    return new Tick(
      {
        env: this.env,
        db: this.#db,
        memory: this.#memory,
        watches: this.#watches,
        snowflake: this.#snowflake,
        discovery: this.#discovery,
        checking: this.#checking,
        budget: this.#budget(),
        isWhole: isTick,
        isDue: ({ id, intervalMs }) =>
          isDue({ intervalMs, lastRoundAt: this.#memory.checks.get(id)?.lastRoundAt ?? null }, now, isTick),
      },
      now,
    );
  }

  async #run(tick: Tick, only?: ReadonlySet<string>): Promise<void> {
    const { notes } = this.#memory;
    const before = new Map(notes.steps.map((step) => [step.name, step]));
    const day = Math.floor(tick.now / 86_400_000);
    const isDaily = !only && notes.dayDone !== day;
    const wanted = tick.steps(isDaily).filter(({ name }) => !only || only.has(name));
    const went = await runSteps(wanted, before, SURROUNDINGS);
    for (const step of went) before.set(step.name, step);
    notes.steps = [...before.values()];
    // What failed of the day's work is tried again with the next tick.
    if (isDaily && went.every(({ isOk }) => isOk)) notes.dayDone = day;
  }

  /** Sets the alarm for what is to be done before the next tick. */
  async #plan(tick: Tick, now: EpochMs): Promise<void> {
    if (this.#unfinished().length > 0) return this.#soon(now);
    const often = await tick.soonestBefore(now + TICK_EVERY_MS);
    if (often !== null) await this.ctx.storage.setAlarm(Math.max(often, now + CARRY_ON_AFTER_MS));
  }

  /** Parts of the tick that go on in an event of their own. */
  #unfinished(): string[] {
    const { listings, notes } = this.#memory;
    const hasMore = (step: string) => notes.steps.some(({ name, isUnfinished }) => isUnfinished && name === step);
    return [
      ...(listings.size > 0 || hasMore("discover") ? ["discover"] : []),
      ...(notes.hasNewDoors || hasMore("doors") ? ["doors"] : []),
      ...(hasMore("checks") ? ["checks"] : []),
      ...(hasMore("export") ? ["export"] : []),
    ];
  }

  async #soon(now: EpochMs): Promise<void> {
    await this.ctx.storage.setAlarm(now + CARRY_ON_AFTER_MS);
  }

  /** Says to an outside watcher that this tick went well: silence is for it to tell of. */
  async #sendHeartbeat(tick: Tick): Promise<void> {
    const { heartbeatUrl } = await tick.rows.settings();
    const { notes } = this.#memory;
    notes.steps = notes.steps.filter(({ name }) => name !== "heartbeat");
    if (heartbeatUrl === null || !notes.steps.every(({ isOk }) => isOk)) return;
    const run = async () => {
      const url = await vaultOf(this.env).open(heartbeatUrl, heartbeatPurpose());
      const response = await fetch(url, { method: "POST", signal: AbortSignal.timeout(HEARTBEAT_TIMEOUT_MS) });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`The heartbeat address answered ${response.status}.`);
    };
    const step = { name: "heartbeat", budgetMs: HEARTBEAT_TIMEOUT_MS, run };
    notes.steps.push(...(await runSteps([step], new Map(), SURROUNDINGS)));
  }

  #budget(): RequestBudget {
    return new RequestBudget(OUTSIDE_REQUESTS_PER_EVENT_MAX[planOf(this.env)]);
  }

  #inTurn<Result>(lane: Lane, run: () => Promise<Result>): Promise<Result> {
    return lane.run(() => this.#counted(run));
  }

  /** Runs what an event brings, its time counted for the meter. */
  async #counted<Result>(run: () => Promise<Result>): Promise<Result> {
    const startedAt = Date.now();
    try {
      await this.#memory.loaded();
      return await run();
    } catch (error) {
      log({ event: "sentinel_failed", message: messageOf(error) });
      throw error;
    } finally {
      usage.object(1, Date.now() - startedAt);
    }
  }
}
