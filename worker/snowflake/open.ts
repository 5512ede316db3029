import { snowflakeAuthSchema } from "../../contract/snowflake.ts";
import type { Database } from "../db/client.ts";
import { vaultOf, type Vault } from "../vault/vault.ts";
import type { SnowflakeAccess } from "./access.ts";
import { SnowflakeClient } from "./client.ts";
import type { SnowflakeClock } from "./clock.ts";
import { SnowflakeProblem } from "./problem.ts";
import { snowflakeAuthPurpose } from "./sealed-columns.ts";
import { readConnection } from "./store.ts";
import type { SnowflakeConnectionRow } from "./table.ts";

/** The client of this isolate, with its tokens, as long as the connection is the same. */
let kept: { of: string; clock: SnowflakeClock; client: SnowflakeClient } | undefined;

/** A client of the account that is connected; null where none is. Throws a `SnowflakeProblem` where its secret does not open. */
export async function openSnowflake(env: object, db: Database, clock: SnowflakeClock): Promise<SnowflakeClient | null> {
  const row = await readConnection(db);
  if (!row) return null;
  const of = JSON.stringify({ ...row, problem: null });
  if (kept?.of === of && kept.clock === clock) return kept.client;
  const client = new SnowflakeClient(await accessOf(row, vaultOf(env)), clock);
  kept = { of, clock, client };
  return client;
}

/** A connection with its secret unsealed. */
export async function accessOf(row: SnowflakeConnectionRow, vault: Vault): Promise<SnowflakeAccess> {
  try {
    const auth = snowflakeAuthSchema.parse(JSON.parse(await vault.open(row.auth, snowflakeAuthPurpose())));
    return { account: row.account, names: row.names, endpoint: row.endpoint, auth };
  } catch {
    throw new SnowflakeProblem(
      "key_refused",
      "The stored secret of the Snowflake connection does not open any more.",
      "Enter the key or the token again under Insights, Snowflake. See docs/operations.md on ENCRYPTION_KEY.",
    );
  }
}
