import { listChecks, readSettings, type StoredSettings } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { findInstances, listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { listAccounts } from "../providers/store.ts";
import type { ProviderAccountRow } from "../providers/table.ts";

/** What a tick reads of the database: each once, and kept up by the steps that change it. Rows that are read are paid for. */
export class TickRows {
  readonly #db: Database;
  #settings: Promise<StoredSettings> | undefined;
  #accounts: ProviderAccountRow[] | undefined;
  #instances: InstanceRow[] | undefined;
  #checks: HealthCheckRow[] | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  settings(): Promise<StoredSettings> {
    return (this.#settings ??= readSettings(this.#db));
  }

  async accounts(): Promise<ProviderAccountRow[]> {
    return (this.#accounts ??= await listAccounts(this.#db));
  }

  async instances(): Promise<InstanceRow[]> {
    return (this.#instances ??= await listInstances(this.#db));
  }

  async checks(): Promise<HealthCheckRow[]> {
    return (this.#checks ??= await listChecks(this.#db));
  }

  /** Of the fleet only the instances that these checks speak for: for a look between two ticks. */
  async narrowTo(checks: readonly HealthCheckRow[]): Promise<void> {
    const ids = [...new Set(checks.flatMap(({ instanceId }) => instanceId ?? []))];
    this.#instances ??= ids.length > 0 ? await findInstances(this.#db, ids) : [];
  }

  instancesAre(rows: InstanceRow[]): void {
    this.#instances = rows;
  }

  checksAre(rows: HealthCheckRow[]): void {
    this.#checks = rows;
  }

  /** What was written since: read again when it is next asked for. */
  forget(...what: ("accounts" | "instances" | "checks")[]): void {
    if (what.includes("accounts")) this.#accounts = undefined;
    if (what.includes("instances")) this.#instances = undefined;
    if (what.includes("checks")) this.#checks = undefined;
  }
}
