import type { EpochMs } from "../../contract/units.ts";
import { sweepDesk } from "../accounts/desk-client.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { shard } from "../live/shard-client.ts";
import { planOf } from "../live/thrift.ts";
import { ProviderProblem } from "../providers/provider.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import {
  AUDIT_RETENTION_DAYS_DEFAULT,
  AUDIT_RETENTION_DAYS_MIN,
  DEFAULT_CHECKS_MAX,
  DOORS_TRIED_PER_TICK_MAX,
  STEP_BUDGET_MS,
} from "../settings.ts";
import { usage } from "../usage.ts";
import type { WatchStore } from "../insights/watch.ts";
import { vaultOf } from "../vault/vault.ts";
import { askBandwidth } from "./bandwidth.ts";
import type { Checking } from "./checking.ts";
import type { Discovery } from "./discovery.ts";
import { tryDoors } from "./doors.ts";
import { foretell } from "./foretelling.ts";
import { dailyHousekeeping, housekeeping } from "./housekeeping.ts";
import { judgeInstances } from "./judging.ts";
import { lookIntoDue } from "./looking-into.ts";
import { activeAmong, rest, soonestOf } from "./looking.ts";
import type { Memory } from "./memory.ts";
import { Probers } from "./probers.ts";
import { removeGone } from "./removing-gone.ts";
import { BudgetSpent, type RequestBudget } from "./request-budget.ts";
import type { SnowflakeSteps } from "./snowflake-steps.ts";
import type { Step, StepOutcome } from "./steps.ts";
import { forgetMissing, storeUptime } from "./storing-uptime.ts";
import { TickRows } from "./tick-rows.ts";

/** What a tick works with. */
export interface TickParts {
  env: Env;
  db: Database;
  memory: Memory;
  watches: WatchStore;
  snowflake: SnowflakeSteps;
  discovery: Discovery;
  checking: Checking;
  budget: RequestBudget;
  isDue(row: HealthCheckRow): boolean;
  /** False for what comes between two ticks, which looks at a part of the fleet only. */
  isWhole: boolean;
}

/** Requests an account's list may begin with: its first page, and what that needs. */
const REQUESTS_TO_BEGIN = 5;

/** What one tick does, in its order. */
export class Tick {
  readonly #parts: TickParts;
  readonly now: EpochMs;
  readonly rows: TickRows;

  constructor(parts: TickParts, now: EpochMs) {
    this.#parts = parts;
    this.now = now;
    this.rows = new TickRows(parts.db);
  }

  /** `isDaily`: what is done once a day has not been done yet. */
  steps(isDaily: boolean): Step[] {
    const { db, env, snowflake } = this.#parts;
    const step = (name: keyof typeof STEP_BUDGET_MS, run: Step["run"]): Step => {
      return { name, budgetMs: STEP_BUDGET_MS[name], run };
    };
    const budgetMs = STEP_BUDGET_MS.usual;
    const others = {
      endStaleSockets: () => shard(env).endStaleSockets(),
      sweepDesk: () => sweepDesk(env),
      vault: () => vaultOf(env),
      auditRetentionMs: auditRetentionDays(env) * 86_400_000,
    };
    return [
      step("discover", (until) => this.#discover(until)),
      step("doors", (until) => this.#tryDoors(until)),
      step("checks", (until) => this.#look((row) => this.#parts.isDue(row), until)),
      step("judge", () => this.judge()),
      step("bandwidth", (until) => this.#askBandwidth(until)),
      { name: "forecasts", budgetMs, run: () => this.#foretell() },
      { name: "uptime", budgetMs, run: () => this.#storeUptime() },
      step("insights", (until) => this.#lookInto(until)),
      step("export", (until) => snowflake.export(this.now, until)),
      { name: "learning", budgetMs, run: async () => snowflake.learn(await this.rows.instances(), this.now) },
      ...housekeeping(db, others, this.now),
      ...(isDaily
        ? [
            { name: "gone", budgetMs, run: () => this.#removeGone() },
            { name: "watches", budgetMs, run: () => this.#forgetWatches() },
            ...dailyHousekeeping(db, others, this.now),
          ]
        : []),
      { name: "alerts", budgetMs, run: () => shard(env).sweep(this.now) },
      // Last, so that what all the others have used is told with it.
      { name: "shard", budgetMs, run: () => this.#tickShard() },
    ];
  }

  /** Looks at these checks, due or not, and judges anew. */
  async look(ids: ReadonlySet<string>, until: EpochMs): Promise<void> {
    await this.#look(({ id }) => ids.has(id), until);
    await this.judge();
  }

  /** When a check is due next that does not wait for a tick; null where all of them do. */
  async soonestBefore(nextTick: EpochMs): Promise<EpochMs | null> {
    const { active } = activeAmong(await this.rows.checks(), await this.rows.instances());
    return soonestOf(active, this.#parts.memory, nextTick);
  }

  async #discover(until: EpochMs): Promise<StepOutcome> {
    const { discovery, budget, memory } = this.#parts;
    const active = (await this.rows.accounts()).filter(({ isPaused }) => !isPaused);
    const ids = new Set(active.map(({ id }) => id));
    for (const id of memory.listings.keys()) if (!ids.has(id)) memory.listings.delete(id);
    const accounts = active.filter((account) => this.#isLeft(account));
    if (accounts.length === 0) return {};
    const fleet = await this.rows.instances();
    const sum = { found: 0, added: 0, changed: 0, gone: 0 };
    const problems: string[] = [];
    let isUnfinished = false;
    // Whoever was listed longest ago comes first, so that none waits for ever behind a large one.
    for (const account of accounts.toSorted((a, b) => (a.lastAttemptAt ?? 0) - (b.lastAttemptAt ?? 0))) {
      if (Date.now() > until || budget.left < REQUESTS_TO_BEGIN) {
        isUnfinished = true;
        break;
      }
      try {
        const discovered = await discovery.discover(account, budget, this.now, until, fleet);
        for (const key of ["found", "added", "changed", "gone"] as const) sum[key] += discovered[key];
        isUnfinished ||= discovered.isPartial;
      } catch (error) {
        // What is the matter with a cloud or a key is no fault of the tick's: it stands with the account.
        if (!(error instanceof ProviderProblem || error instanceof BudgetSpent)) throw error;
        problems.push(`; ${account.name}: ${error.message}`);
      }
    }
    this.rows.forget("accounts");
    const { found, added, changed, gone } = sum;
    const says = `${found} instances: ${added} new, ${changed} changed, ${gone} gone${problems.join("")}`;
    return { says: says.slice(0, 500), isUnfinished };
  }

  /** What is carried on is what is left: an account that this tick has listed, or failed to, waits for the next. */
  #isLeft({ id, lastAttemptAt }: ProviderAccountRow): boolean {
    const { listings, notes } = this.#parts.memory;
    return listings.has(id) || lastAttemptAt === null || lastAttemptAt < notes.tickAt || lastAttemptAt > this.now;
  }

  async #tryDoors(until: EpochMs): Promise<StepOutcome> {
    const { db, env, memory } = this.#parts;
    const { notes } = memory;
    notes.hasNewDoors = false;
    if (notes.doors.length === 0) return {};
    const plan = planOf(env);
    const limits = { instances: DOORS_TRIED_PER_TICK_MAX[plan], checks: DEFAULT_CHECKS_MAX[plan] };
    const given = { settings: await this.rows.settings(), limits };
    const { waiting, ...outcome } = await tryDoors(db, new Probers(env), notes.doors, given, this.now, until);
    notes.doors = waiting;
    this.rows.forget("checks");
    return outcome;
  }

  async #look(isMeant: (row: HealthCheckRow) => boolean, until: EpochMs): Promise<StepOutcome> {
    const { db, checking, memory, isWhole } = this.#parts;
    const all = await this.rows.checks();
    if (!isWhole) await this.rows.narrowTo(all.filter(isMeant));
    const { active, resting } = activeAmong(all, await this.rows.instances());
    if (isWhole) await rest(db, memory, resting, this.now);
    const lastOf = ({ id }: HealthCheckRow) => memory.checks.get(id)?.lastRoundAt ?? 0;
    // Those that were looked at longest ago first: what is left over is first the next time.
    const meant = active.filter(isMeant).toSorted((a, b) => lastOf(a) - lastOf(b));
    if (meant.length === 0) return {};
    const done = await checking.rounds(meant, await this.rows.settings(), this.now, until);
    const after = new Map(done.rows.map((row) => [row.id, row]));
    this.rows.checksAre(all.map((row) => after.get(row.id) ?? row));
    const left = done.left > 0 ? `; ${done.left} wait for the next` : "";
    return {
      says: `${done.looked} checks, ${verdictsChanged(done.verdictsChanged)}${left}`,
      isUnfinished: done.left > 0,
    };
  }

  /** Brings together what is known of every instance, or of those that this tick is about. */
  async judge(): Promise<StepOutcome> {
    const { db, env, memory } = this.#parts;
    const instances = await this.rows.instances();
    const [accounts, checks] = [await this.rows.accounts(), await this.rows.checks()];
    const sending = instances.filter(({ intervalMs }) => intervalMs > 0).map(({ id }) => id);
    const heard = sending.length > 0 ? await shard(env).heard(sending) : [];
    const changed = await judgeInstances(db, memory, { instances, accounts, checks, heard }, this.now);
    if (changed.length > 0) await shard(env).instancesFound(changed);
    const byId = new Map(changed.map((row) => [row.id, row]));
    this.rows.instancesAre(instances.map((row) => ({ ...row, ...byId.get(row.id) })));
    return changed.length > 0 ? { says: verdictsChanged(changed.length) } : {};
  }

  async #askBandwidth(until: EpochMs): Promise<StepOutcome> {
    const [accounts, instances] = [await this.rows.accounts(), await this.rows.instances()];
    const { found, ...outcome } = await askBandwidth(
      this.#parts,
      accounts,
      instances,
      this.#parts.budget,
      this.now,
      until,
    );
    if (found.length > 0) await shard(this.#parts.env).instancesFound(found);
    return outcome;
  }

  async #foretell(): Promise<StepOutcome> {
    return foretell(this.#parts, await this.rows.instances(), this.now);
  }

  async #lookInto(until: EpochMs): Promise<StepOutcome> {
    const { env, db, memory, watches } = this.#parts;
    const parts = { env, db, memory, watches, plan: planOf(env) };
    return lookIntoDue(parts, await this.rows.instances(), this.now, until);
  }

  /** What was learned of machines that are no more. */
  async #forgetWatches(): Promise<void> {
    this.#parts.watches.keepOnly((await this.rows.instances()).map(({ id }) => id));
  }

  async #storeUptime(): Promise<StepOutcome> {
    const { db, memory } = this.#parts;
    const there = new Set([...(await this.rows.checks()), ...(await this.rows.instances())].map(({ id }) => id));
    forgetMissing(memory, there, this.now);
    return storeUptime(db, memory, (subject) => there.has(subject), this.now);
  }

  async #removeGone(): Promise<StepOutcome> {
    const { db, env } = this.#parts;
    const { removed, released } = await removeGone(env, db, await this.rows.instances(), this.now);
    this.rows.forget("instances", "checks");
    return removed + released > 0 ? { says: `${removed} instances removed, ${released} kept for their agents` } : {};
  }

  async #tickShard(): Promise<StepOutcome> {
    const { hoursRolled } = await shard(this.#parts.env).tick(this.now, usage.take());
    return hoursRolled > 0 ? { says: `${hoursRolled} hours rolled` } : {};
  }
}

function auditRetentionDays({ AUDIT_RETENTION_DAYS }: Env): number {
  const days = Number(AUDIT_RETENTION_DAYS) || AUDIT_RETENTION_DAYS_DEFAULT;
  return Math.max(AUDIT_RETENTION_DAYS_MIN, days);
}

function verdictsChanged(count: number): string {
  return count === 1 ? "1 verdict changed" : `${count} verdicts changed`;
}
