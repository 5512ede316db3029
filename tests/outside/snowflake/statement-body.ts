import type { Account, Session } from "./account.ts";
import type { Binding } from "./cells.ts";
import { Refusal } from "./refusal.ts";
import { unquoted } from "./sql-text.ts";

/** What `POST /api/v2/statements` takes. */
export interface StatementBody {
  statement?: unknown;
  timeout?: number;
  database?: string;
  schema?: string;
  warehouse?: string;
  role?: string;
  bindings?: Record<string, Binding>;
  parameters?: Record<string, string | number | boolean>;
}

const ALLOWED_PARAMETERS = new Set(
  (
    "binary_output_format client_result_chunk_size date_output_format time_output_format timestamp_output_format " +
    "timestamp_ltz_output_format timestamp_ntz_output_format timestamp_tz_output_format multi_statement_count query_tag " +
    "rows_per_resultset timezone use_cached_result"
  ).split(" "),
);
/** @throws {Refusal} where it is none, or asks for what the API has not. */
export function statementBodyOf(bytes: Buffer): StatementBody {
  const unreadable = new Refusal(400, "390142", "08001", "Incoming request does not contain a valid payload.");
  let body: StatementBody;
  try {
    body = JSON.parse(bytes.toString()) as StatementBody;
  } catch {
    throw unreadable;
  }
  if (typeof body?.statement !== "string" || body.statement.trim() === "") throw unreadable;
  for (const { value } of Object.values(body.bindings ?? {})) {
    if (value !== null && typeof value !== "string") throw unreadable;
  }
  for (const name of Object.keys(body.parameters ?? {})) {
    if (ALLOWED_PARAMETERS.has(name.toLowerCase())) continue;
    throw new Refusal(400, "391917", "22023", `Unsupported parameter: ${name}`);
  }
  if (Object.keys(body.parameters ?? {}).some((name) => name.toLowerCase().endsWith("_output_format"))) {
    throw new Refusal(422, "000000", "0A000", "The emulator writes cells in no other format than the default");
  }
  return body;
}

/** Names in the body are case-sensitive: who writes them small finds nothing. */
export function sessionOf(account: Account, user: string, body: StatementBody): Session {
  const { defaultRole, defaultWarehouse, defaultPlace } = account.users.get(user)!;
  const role = body.role ?? defaultRole ?? "PUBLIC";
  if (!account.roles.has(role) || !account.mayBe(user, role)) {
    const words = `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`;
    throw new Refusal(422, "390189", "22023", words);
  }
  const missing = (what: string) =>
    new Refusal(422, "390201", "08004", `The requested ${what} does not exist or not authorized.`);
  const { warehouse = defaultWarehouse, database = defaultPlace.database } = body;
  const mayUse = (kind: string, name: string) => account.mayUse(role, `${kind} ${name}`);
  if (
    body.warehouse !== undefined &&
    !(account.warehouses.has(body.warehouse) && mayUse("WAREHOUSE", body.warehouse))
  ) {
    throw missing("warehouse");
  }
  if (body.database !== undefined && !(account.databases.has(body.database) && mayUse("DATABASE", body.database))) {
    throw missing("database");
  }
  const schema = body.schema ?? (body.database === undefined ? defaultPlace.schema : "PUBLIC");
  return {
    user,
    role,
    warehouse: warehouse === null ? null : unquoted(`"${warehouse}"`),
    place: { database, schema },
  };
}
