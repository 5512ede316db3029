import type { ConnectSnowflake, SnowflakeAuth } from "../../contract/snowflake.ts";
import type { ApiContext } from "../auth/api.ts";
import { readSettings } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { refuseUnlessOutside } from "../outside-address.ts";
import type { SnowflakeAccess } from "../snowflake/access.ts";
import { keyPairOf } from "../snowflake/key-pair.ts";
import { accessOf } from "../snowflake/open.ts";
import { SnowflakeProblem } from "../snowflake/problem.ts";
import { snowflakeAuthPurpose } from "../snowflake/sealed-columns.ts";
import { readConnection } from "../snowflake/store.ts";
import type { SnowflakeConnectionRow } from "../snowflake/table.ts";
import { vaultOf } from "../vault/vault.ts";

/** How a connection is entered: what may be an address, and what stays as it was. */

/** What is to be tried. A secret that is not entered again is the one that is kept, for the same account at the same address only. */
export async function accessFrom(c: ApiContext, db: Database, entered: ConnectSnowflake): Promise<SnowflakeAccess> {
  const { account, names, endpoint } = entered;
  if (endpoint !== null) await refuseAddress(db, "endpoint", endpoint);
  if (entered.auth?.kind === "oauth") await refuseAddress(db, "auth.tokenUrl", entered.auth.tokenUrl);
  return { account, names, endpoint, auth: entered.auth ?? (await keptAuth(c, db, entered)) };
}

/** The row as it will be, `auth` sealed. */
export async function sealedConnection(
  c: ApiContext,
  db: Database,
  entered: ConnectSnowflake,
  before: SnowflakeConnectionRow | undefined,
): Promise<Omit<SnowflakeConnectionRow, "id" | "problem">> {
  const { account, names, endpoint } = entered;
  const way = { account, names, endpoint };
  if (!entered.auth && before) {
    const { authKind, auth, fingerprint, connectedAt } = before;
    return { ...way, authKind, auth, fingerprint, connectedAt };
  }
  const { auth } = await accessFrom(c, db, entered);
  return {
    ...way,
    authKind: auth.kind,
    auth: await vaultOf(c.env).seal(JSON.stringify(auth), snowflakeAuthPurpose()),
    fingerprint: auth.kind === "key_pair" ? (await keyPairOf(auth.privateKey)).fingerprint : null,
    connectedAt: Date.now(),
  };
}

async function keptAuth(c: ApiContext, db: Database, { account, endpoint }: ConnectSnowflake): Promise<SnowflakeAuth> {
  const row = await readConnection(db);
  if (!row) throw authMissing("must be given: a key pair, a token or OAuth");
  // Whoever names another account or address would be sent the secret.
  if (row.account !== account || row.endpoint !== endpoint)
    throw authMissing("another account or address takes it anew");
  try {
    return (await accessOf(row, vaultOf(c.env))).auth;
  } catch (error) {
    if (!(error instanceof SnowflakeProblem)) throw error;
    throw authMissing("the one that is kept does not open any more");
  }
}

function authMissing(why: string): NephosError {
  return new NephosError("invalid_field", `auth: ${why}`, {
    field: "auth",
    remedy: "Enter the private key or the token together with the account it is for.",
  });
}

async function refuseAddress(db: Database, field: string, address: string): Promise<void> {
  const { allowsPrivateTargets } = await readSettings(db);
  refuseUnlessOutside(field, new URL(address), allowsPrivateTargets, "Leave it empty for Snowflake's own address.");
}
