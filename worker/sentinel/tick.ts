import { AUDIT_RETENTION_DAYS_DEFAULT, AUDIT_RETENTION_DAYS_MIN } from "../settings.ts";
import type { EpochMs } from "../../contract/units.ts";
import { sweepDesk } from "../accounts/desk-client.ts";
import { listChecks, readSettings, type StoredSettings } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { accrue } from "../checks/uptime.ts";
import type { Database } from "../db/client.ts";
import { listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { shard } from "../live/shard-client.ts";
import { planOf } from "../live/thrift.ts";
import { listAccounts } from "../providers/store.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import { DEFAULT_CHECKS_MAX, DOORS_TRIED_PER_TICK_MAX, STEP_BUDGET_MS, TICK_EVERY_MS } from "../settings.ts";
import { usage } from "../usage.ts";
import { vaultOf } from "../vault/vault.ts";
import { askBandwidth } from "./bandwidth.ts";
import type { Checking } from "./checking.ts";
import type { Discovery } from "./discovery.ts";
import { tryDoors } from "./doors.ts";
import { housekeeping, isFirstTickOfDay } from "./housekeeping.ts";
import { judgeInstances } from "./judging.ts";
import type { Memory } from "./memory.ts";
import { Probers } from "./probers.ts";
import type { RequestBudget } from "./request-budget.ts";
import { removeGone } from "./removing-gone.ts";
import type { Step, StepOutcome } from "./steps.ts";
import { storeUptime } from "./storing-uptime.ts";

/** What a tick works with. */
export interface TickParts {
  env: Env;
  db: Database;
  memory: Memory;
  discovery: Discovery;
  checking: Checking;
  budget: RequestBudget;
  isDue(row: HealthCheckRow): boolean;
}

/** What one tick does, in its order. What is read from the database is read once, and kept up by the steps that change it. */
export class Tick {
  readonly #parts: TickParts;
  readonly #now: EpochMs;
  #settings: Promise<StoredSettings> | undefined;
  #accounts: ProviderAccountRow[] | undefined;
  #instances: InstanceRow[] | undefined;
  #checks: HealthCheckRow[] | undefined;

  constructor(parts: TickParts, now: EpochMs) {
    this.#parts = parts;
    this.#now = now;
  }

  steps(): Step[] {
    const { db, env } = this.#parts;
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
      step("judge", () => this.#judge()),
      step("bandwidth", (until) => this.#askBandwidth(until)),
      { name: "uptime", budgetMs, run: () => this.#storeUptime() },
      ...(isFirstTickOfDay(this.#now) ? [{ name: "gone", budgetMs, run: () => this.#removeGone() }] : []),
      ...housekeeping(db, others, this.#now),
      // Last, so that what all the others have used is told with it.
      { name: "shard", budgetMs, run: () => this.#tickShard() },
    ];
  }

  settings(): Promise<StoredSettings> {
    return (this.#settings ??= readSettings(this.#parts.db));
  }

  /** Looks at these checks, due or not, and judges anew. */
  async look(ids: ReadonlySet<string>, until: EpochMs): Promise<void> {
    await this.#look(({ id }) => ids.has(id), until);
    await this.#judge();
  }

  /** When a check is due next that does not wait for a tick; null where all of them do. */
  soonestBefore(nextTick: EpochMs): EpochMs | null {
    const often = (this.#checks ?? []).filter(
      ({ isPaused, intervalMs, target }) => !isPaused && intervalMs < TICK_EVERY_MS && target.kind !== "heartbeat",
    );
    const { checks } = this.#parts.memory;
    const due = often.map(({ id, intervalMs }) => (checks.get(id)?.lastRoundAt ?? 0) + intervalMs);
    const soonest = Math.min(...due);
    return soonest < nextTick - 5_000 ? soonest : null;
  }

  async #discover(until: EpochMs): Promise<StepOutcome> {
    const { discovery, budget, memory } = this.#parts;
    const active = (await this.#accountRows()).filter(({ isPaused }) => !isPaused);
    const ids = new Set(active.map(({ id }) => id));
    for (const id of memory.listings.keys()) if (!ids.has(id)) memory.listings.delete(id);
    const accounts = active.filter((account) => this.#isLeft(account));
    if (accounts.length === 0) return {};
    const sum = { found: 0, added: 0, changed: 0, gone: 0 };
    const problems: string[] = [];
    let isUnfinished = false;
    // Whoever was listed longest ago comes first, so that none waits for ever behind a large one.
    for (const account of accounts.toSorted((a, b) => (a.lastAttemptAt ?? 0) - (b.lastAttemptAt ?? 0))) {
      if (Date.now() > until || budget.left < 5) {
        isUnfinished = true;
        break;
      }
      try {
        const discovered = await discovery.discover(account, budget, this.#now, until);
        for (const key of ["found", "added", "changed", "gone"] as const) sum[key] += discovered[key];
        isUnfinished ||= discovered.isPartial;
      } catch (error) {
        problems.push(`${account.name}: ${(error as Error).message}`);
      }
    }
    this.#instances = this.#accounts = undefined;
    if (problems.length > 0) throw new Error(problems.join(" "));
    const { found, added, changed, gone } = sum;
    return { says: `${found} instances: ${added} new, ${changed} changed, ${gone} gone`, isUnfinished };
  }

  /** What is carried on is what is left: an account that this tick has listed, or failed to, waits for the next. */
  #isLeft({ id, lastAttemptAt }: ProviderAccountRow): boolean {
    const { listings, notes } = this.#parts.memory;
    return listings.has(id) || lastAttemptAt === null || lastAttemptAt < notes.tickAt || lastAttemptAt > this.#now;
  }

  async #tryDoors(until: EpochMs): Promise<StepOutcome> {
    const { db, env, memory } = this.#parts;
    const { doors } = memory.notes;
    memory.notes.hasNewDoors = false;
    if (doors.length === 0) return {};
    const plan = planOf(env);
    const limits = { instances: DOORS_TRIED_PER_TICK_MAX[plan], checks: DEFAULT_CHECKS_MAX[plan] };
    const given = { settings: await this.settings(), limits };
    const outcome = await tryDoors(db, new Probers(env), doors, given, this.#now, until);
    this.#checks = undefined;
    return outcome;
  }

  async #look(isMeant: (row: HealthCheckRow) => boolean, until: EpochMs): Promise<StepOutcome> {
    const { checking, memory } = this.#parts;
    const all = await this.#checkRows();
    const gone = new Set((await this.#instanceRows()).filter(({ cloud }) => cloud?.goneAt != null).map(({ id }) => id));
    const isActive = ({ isPaused, instanceId }: HealthCheckRow) =>
      !isPaused && !(instanceId !== null && gone.has(instanceId));
    const active = all.filter(isActive);
    for (const row of all) if (!isActive(row)) rest(memory, row, this.#now);
    const lastOf = ({ id }: HealthCheckRow) => memory.checks.get(id)?.lastRoundAt ?? 0;
    // Those that were looked at longest ago first: what is left over is first the next time.
    const meant = active.filter(isMeant).toSorted((a, b) => lastOf(a) - lastOf(b));
    if (meant.length === 0) return {};
    const done = await checking.rounds(meant, await this.settings(), this.#now, until);
    const after = new Map(done.rows.map((row) => [row.id, row]));
    this.#checks = all.map((row) => after.get(row.id) ?? row);
    const left = done.left > 0 ? `; ${done.left} wait for the next` : "";
    return {
      says: `${done.looked} checks, ${done.verdictsChanged} verdicts changed${left}`,
      isUnfinished: done.left > 0,
    };
  }

  async #judge(): Promise<StepOutcome> {
    const { db, env, memory } = this.#parts;
    const [instances, accounts, checks] = [
      await this.#instanceRows(),
      await this.#accountRows(),
      await this.#checkRows(),
    ];
    const sending = instances.filter(({ intervalMs }) => intervalMs > 0).map(({ id }) => id);
    const heard = sending.length > 0 ? await shard(env).heard(sending) : [];
    const changed = await judgeInstances(db, memory, { instances, accounts, checks, heard }, this.#now);
    if (changed.length > 0) await shard(env).instancesFound(changed);
    const byId = new Map(changed.map((row) => [row.id, row]));
    this.#instances = instances.map((row) => ({ ...row, ...byId.get(row.id) }));
    return changed.length > 0 ? { says: `${changed.length} verdicts changed` } : {};
  }

  async #askBandwidth(until: EpochMs): Promise<StepOutcome> {
    const { found, ...outcome } = await askBandwidth(
      this.#parts,
      await this.#accountRows(),
      await this.#instanceRows(),
      this.#parts.budget,
      this.#now,
      until,
    );
    if (found.length > 0) await shard(this.#parts.env).instancesFound(found);
    return outcome;
  }

  async #storeUptime(): Promise<StepOutcome> {
    const { db, memory } = this.#parts;
    const there = new Set([...(await this.#checkRows()), ...(await this.#instanceRows())].map(({ id }) => id));
    for (const id of memory.checks.keys()) if (!there.has(id)) memory.checks.delete(id);
    for (const id of memory.instances.keys()) if (!there.has(id)) memory.instances.delete(id);
    return storeUptime(db, memory, (subject) => there.has(subject), this.#now);
  }

  async #removeGone(): Promise<StepOutcome> {
    const { db, env } = this.#parts;
    const removed = await removeGone(env, db, await this.#instanceRows(), this.#now);
    this.#instances = this.#checks = undefined;
    return removed > 0 ? { says: `${removed} instances` } : {};
  }

  async #tickShard(): Promise<StepOutcome> {
    const { hoursRolled } = await shard(this.#parts.env).tick(this.#now, usage.take());
    return hoursRolled > 0 ? { says: `${hoursRolled} hours rolled` } : {};
  }

  async #accountRows(): Promise<ProviderAccountRow[]> {
    return (this.#accounts ??= await listAccounts(this.#parts.db));
  }

  async #instanceRows(): Promise<InstanceRow[]> {
    return (this.#instances ??= await listInstances(this.#parts.db));
  }

  async #checkRows(): Promise<HealthCheckRow[]> {
    return (this.#checks ??= await listChecks(this.#parts.db));
  }
}

/** Of a check that nobody looks at time passes without a word: not even as unknown. */
function rest(memory: Memory, { id, intervalMs }: HealthCheckRow, now: EpochMs): void {
  const known = memory.checks.get(id);
  if (!known || known.uptime.lastVerdict === null) return;
  known.uptime = accrue(known.uptime, { at: now, verdict: null }, intervalMs);
}

function auditRetentionDays({ AUDIT_RETENTION_DAYS }: Env): number {
  const days = Number(AUDIT_RETENTION_DAYS) || AUDIT_RETENTION_DAYS_DEFAULT;
  return Math.max(AUDIT_RETENTION_DAYS_MIN, days);
}
