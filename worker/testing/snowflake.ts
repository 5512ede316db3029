import { inject } from "vitest";
import { snowflakeNamesSchema, type SnowflakeAuth } from "../../contract/snowflake.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { SnowflakeFault, SnowflakeOrders, SnowflakeTold } from "../../tests/outside/snowflake/told.ts";
import type { SnowflakeAccess } from "../snowflake/access.ts";
import { SnowflakeClient } from "../snowflake/client.ts";

/** A clock that stands still but for what is waited for, and remembers that. */
export class StandingClock {
  at: EpochMs;
  readonly waits: DurationMs[] = [];

  constructor(at: EpochMs = Date.now()) {
    this.at = at;
  }

  now = (): EpochMs => this.at;

  wait = async (ms: DurationMs): Promise<void> => {
    this.waits.push(ms);
    this.at += ms;
  };
}

/** A Snowflake account of this test's own, outside workerd, prepared by setup.sql. */
export async function startSnowflake({ setup = true }: { setup?: boolean } = {}) {
  const started = await fetch(`${inject("outside")}/snowflake`, { method: "POST", body: JSON.stringify({ setup }) });
  const { url } = await started.json<{ url: string }>();
  const control = `${url}/__control`;
  const told = async () => (await fetch(control)).json<SnowflakeTold>();
  const order = async (orders: SnowflakeOrders) =>
    (await fetch(control, { method: "POST", body: JSON.stringify(orders) })).json<SnowflakeTold>();
  const fault = (wrong: SnowflakeFault | null) => order({ fault: wrong });
  const known = await told();
  const auth: SnowflakeAuth = { kind: "key_pair", privateKey: known.privateKey };
  const { user, role, warehouse, database } = known;
  const names = snowflakeNamesSchema.parse({ user, role, warehouse, database });
  const access: SnowflakeAccess = { account: known.account, names, endpoint: url, auth };
  const clientWith = (given: Partial<SnowflakeAccess> = {}, clock = new StandingClock()) =>
    new SnowflakeClient({ ...access, ...given }, clock);
  return { url, known, access, told, order, fault, clientWith };
}
export type StartedSnowflake = Awaited<ReturnType<typeof startSnowflake>>;
