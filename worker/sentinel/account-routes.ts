import {
  PROVIDERS,
  type Credentials,
  type DiscoveryReport,
  type NewProviderAccount,
  type ProviderAccount,
} from "../../contract/providers.ts";
import type { AuditAction } from "../../contract/audit.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { hashOf } from "../auth/secret.ts";
import { readSettings } from "../checks/store.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { releaseAccount } from "../instances/found-store.ts";
import { accountFigures, findInstances, type AccountFigures } from "../instances/store.ts";
import { RELEASED } from "../live/observed.ts";
import { removeInstances } from "../live/removal.ts";
import { calling, shard } from "../live/shard-client.ts";
import { refuseUnlessOutside } from "../outside-address.ts";
import { credentialsPurpose } from "../providers/sealed-columns.ts";
import * as accounts from "../providers/store.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import { sentinel } from "../sentinel-client.ts";
import { PROVIDER_ACCOUNTS_MAX } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";

/** Accounts at clouds. A key is tried before it is kept, and never shown again. */
export const accountRoutes = api({
  "GET /api/provider-accounts": async (c) => {
    const db = database(c.env.DB);
    const [rows, figures] = await Promise.all([
      accounts.listAccounts(db),
      accountFigures(db, c.var.principal.person.tags),
    ]);
    return { accounts: rows.map((row) => shownAccount(row, figures)) };
  },

  "POST /api/provider-accounts": async (c, { body }) => {
    const db = database(c.env.DB);
    const started = Date.now();
    const row = await newRow(c, db, body);
    if (!(await accounts.insertAccount(db, row))) {
      throw new NephosError("too_many_kept", `There can be at most ${PROVIDER_ACCOUNTS_MAX} provider accounts.`, {
        remedy: "Remove one that is not needed any more.",
      });
    }
    try {
      const report = await discoverNow(c, db, row.id, started);
      await record(c, "provider_account.added", row, { after: `${PROVIDERS[row.kind]}, key ${row.keyHint}` });
      return report;
    } catch (error) {
      // A key that was refused is not kept, nor what was listed before something else failed.
      await removeAccount(c.env, db, row.id);
      throw error;
    }
  },

  "PATCH /api/provider-accounts/:id": async (c, { body: { name, endpoint, isPaused, credentials } }) => {
    const db = database(c.env.DB);
    const before = await existing(c, db);
    if (endpoint !== undefined && endpoint !== before.endpoint && !credentials) {
      // Whoever names another address would be sent the key.
      throw new NephosError("invalid_field", "endpoint: another address takes the key anew", {
        field: "endpoint",
        remedy: "Enter the key together with the address it is for.",
      });
    }
    if (endpoint != null) await refuseEndpoint(db, endpoint);
    const change: Partial<ProviderAccountRow> = {
      ...(name !== undefined && { name }),
      ...(endpoint !== undefined && { endpoint }),
      ...(isPaused !== undefined && { isPaused }),
      ...(credentials && (await sealed(c, db, before, credentials))),
    };
    await accounts.changeAccount(db, before.id, change);
    if (credentials) {
      try {
        await discoverNow(c, db, before.id, Date.now());
      } catch (error) {
        const { name: _name, isPaused: _paused, ...way } = before;
        await accounts.changeAccount(db, before.id, way);
        throw error;
      }
    }
    const after = (await accounts.findAccount(db, before.id))!;
    await record(c, "provider_account.changed", after, { before: words(before, after), after: words(after, before) });
    return shownAccount(after, await accountFigures(db, null));
  },

  "POST /api/provider-accounts/:id/discover": async (c) => {
    const db = database(c.env.DB);
    const { id } = await existing(c, db);
    return discoverNow(c, db, id, Date.now());
  },

  "DELETE /api/provider-accounts/:id": async (c) => {
    const db = database(c.env.DB);
    const row = await existing(c, db);
    await removeAccount(c.env, db, row.id);
    await record(c, "provider_account.removed", row, { before: `${PROVIDERS[row.kind]}, key ${row.keyHint}` });
  },
});

/** The account last: where anything fails before, it can be removed again. Then once more, for what a list that was on its way added. */
async function removeAccount(env: Env, db: Database, id: string): Promise<void> {
  await accounts.changeAccount(db, id, { isPaused: true });
  await release(env, db, id);
  await accounts.deleteAccount(db, id);
  await release(env, db, id);
}

async function release(env: Env, db: Database, id: string): Promise<void> {
  const { others, kept } = await releaseAccount(db, id);
  if (kept.length > 0)
    await calling(async () => shard(env).instancesFound(kept.map((one) => ({ id: one, ...RELEASED }))));
  const { checkIds } = await removeInstances(env, db, await findInstances(db, others));
  await calling(async () => sentinel(env).forget({ accountId: id, checkIds }));
}

async function newRow(
  c: ApiContext,
  db: Database,
  { name, credentials, endpoint }: NewProviderAccount,
): Promise<ProviderAccountRow> {
  if (endpoint !== null) await refuseEndpoint(db, endpoint);
  const id = crypto.randomUUID();
  return {
    id,
    kind: credentials.kind,
    name,
    endpoint,
    isPaused: false,
    createdAt: Date.now(),
    lastAttemptAt: null,
    lastDiscoveredAt: null,
    problem: null,
    ...(await sealed(c, db, { id, kind: credentials.kind }, credentials)),
  };
}

async function refuseEndpoint(db: Database, endpoint: string): Promise<void> {
  const { allowsPrivateTargets } = await readSettings(db);
  refuseUnlessOutside(
    "endpoint",
    new URL(endpoint),
    allowsPrivateTargets,
    "Leave it empty for the provider's own address.",
  );
}

/** What is kept of a key. The same key twice would list every machine twice. */
async function sealed(
  c: ApiContext,
  db: Database,
  { id, kind }: Pick<ProviderAccountRow, "id" | "kind">,
  credentials: Credentials,
): Promise<Pick<ProviderAccountRow, "credentials" | "keyHint" | "regions">> {
  if (credentials.kind !== kind) {
    throw new NephosError("invalid_field", `credentials.kind: must be ${kind}, as the account is`, {
      field: "credentials.kind",
      remedy: "Add another account for another cloud.",
    });
  }
  const keyHint = hashOf(secretOf(credentials)).slice(0, 12);
  const known = await accounts.findAccountByKey(db, keyHint);
  if (known && known.id !== id) {
    throw new NephosError("provider_account_known", `This key is in use already, as ${known.name}.`, {
      field: "credentials",
      remedy: "Each account is entered once.",
    });
  }
  const text = JSON.stringify(credentials);
  return {
    credentials: await vaultOf(c.env).seal(text, credentialsPurpose(id)),
    keyHint,
    regions: credentials.kind === "aws" ? credentials.regions : [],
  };
}

function secretOf(credentials: Credentials): string {
  switch (credentials.kind) {
    case "vultr":
      return `vultr ${credentials.apiKey}`;
    case "aws":
      return `aws ${credentials.accessKeyId}`;
    case "gcp":
      return `gcp ${credentials.serviceAccount.replace(/\s/g, "")} ${credentials.project ?? ""}`;
    default:
      return `${credentials.kind} ${credentials.token}`;
  }
}

async function discoverNow(c: ApiContext, db: Database, id: string, started: number): Promise<DiscoveryReport> {
  const answer = await calling(async () => sentinel(c.env).discover(id));
  if (!answer.ok) {
    const { message, remedy } = answer.problem;
    throw new NephosError("provider_refused", message, { field: "credentials", remedy });
  }
  const [row, figures] = await Promise.all([accounts.findAccount(db, id), accountFigures(db, null)]);
  return { account: shownAccount(row!, figures), ...answer.discovered, tookMs: Date.now() - started };
}

async function existing(c: ApiContext, db: Database): Promise<ProviderAccountRow> {
  const row = await accounts.findAccount(db, c.req.param("id")!);
  if (row) return row;
  throw new NephosError("not_found", "There is no such provider account.", { field: "id" });
}

const NOTHING = { accountId: "", instances: 0, running: 0, healthy: 0, monthlyCost: {} };

function shownAccount(
  { credentials: _sealed, ...shown }: ProviderAccountRow,
  figures: readonly AccountFigures[],
): ProviderAccount {
  const { accountId: _id, ...ofAccount } = figures.find(({ accountId }) => accountId === shown.id) ?? NOTHING;
  return { ...shown, ...ofAccount };
}

/** What of an account is not as in the other; never the key. */
function words(of: ProviderAccountRow, other: ProviderAccountRow): string {
  const parts = [
    of.name !== other.name && `name ${of.name}`,
    of.keyHint !== other.keyHint && `key ${of.keyHint}`,
    of.endpoint !== other.endpoint && `address ${of.endpoint ?? "the provider's own"}`,
    of.isPaused !== other.isPaused && (of.isPaused ? "paused" : "not paused"),
  ];
  return parts.filter(Boolean).join("; ");
}

async function record(
  c: ApiContext,
  action: AuditAction,
  { name }: Pick<ProviderAccountRow, "name">,
  change: { before?: string; after?: string },
): Promise<void> {
  await recordDone(database(c.env.DB), actorOf(c, c.var.principal), { action, subject: name, ...change }, Date.now());
}
