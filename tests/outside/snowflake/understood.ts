import type { Account, Session } from "./account.ts";
import { fullSchema, partsOf } from "./names.ts";
import { doesNotExist } from "./refusal.ts";
import { unquoted } from "./sql-text.ts";
import { Warehouse } from "./warehouse.ts";

/** The rest of a statement as `NAME = value` pairs. */
function properties(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)\s*=\s*('(?:[^']|'')*'|"[^"]*"|[\w.-]+)/g)].map(([, name, value]) => [
      name!.toUpperCase(),
      unquoted(value!),
    ]),
  );
}

/** How a right's object is written in a grant, and its key. */
function securable(account: Account, session: Session, kind: string, written: string): string {
  const parts = partsOf(written);
  if (kind === "WAREHOUSE" || kind === "DATABASE") {
    const isThere = kind === "WAREHOUSE" ? account.warehouses.has(parts[0]!) : account.databases.has(parts[0]!);
    if (!isThere) throw doesNotExist(kind === "WAREHOUSE" ? "Warehouse" : "Database", written);
    return `${kind} ${parts[0]}`;
  }
  if (kind === "SCHEMA") {
    const name = fullSchema(parts, session.place);
    if (name === null || !account.schemas.has(name)) throw doesNotExist("Schema", written);
    return `SCHEMA ${name}`;
  }
  const name = account.nameIn(session, written);
  if (account.objects.get(name)?.kind !== kind) throw doesNotExist("Object", name);
  return `OBJECT ${name}`;
}

function roleThere(account: Account, name: string): string {
  const role = unquoted(name);
  if (!account.roles.has(role)) throw doesNotExist("Role", role);
  return role;
}

interface Understood {
  pattern: RegExp;
  /** By the groups of the pattern; `isOurs` where the rest is for the engine too. */
  act(account: Account, session: Session, groups: string[]): void;
  /** For ACCOUNTADMIN alone. */
  isAdmin?: true;
}

/** What concerns who may do what, what there is and what it costs: kept as state, for the engine beneath knows none of it. */
const UNDERSTOOD: Understood[] = [
  {
    pattern: /^USE ROLE (\S+)$/i,
    act: (account, session, [role]) => {
      const wanted = roleThere(account, role!);
      if (!account.mayBe(session.user, wanted)) throw doesNotExist("Role", wanted);
      session.role = wanted;
    },
  },
  {
    pattern: /^USE WAREHOUSE (\S+)$/i,
    act: (account, session, [name]) => {
      const warehouse = unquoted(name!);
      if (!account.warehouses.has(warehouse) || !account.mayUse(session.role, `WAREHOUSE ${warehouse}`)) {
        throw doesNotExist("Object", warehouse);
      }
      session.warehouse = warehouse;
    },
  },
  {
    pattern: /^USE (?:DATABASE )?(?!ROLE|WAREHOUSE|SCHEMA)(\S+)$/i,
    act: (account, session, [name]) => {
      const database = unquoted(name!);
      if (!account.databases.has(database)) throw doesNotExist("Database", database);
      session.place = { database, schema: "PUBLIC" };
    },
  },
  {
    pattern: /^USE SCHEMA (\S+)$/i,
    act: (account, session, [name]) => {
      const whole = fullSchema(partsOf(name!), session.place);
      const [database = "", schema = ""] = (whole ?? "").split(".");
      account.checkPlace(session.role, database, schema);
      session.place = { database, schema };
    },
  },
  {
    isAdmin: true,
    pattern: /^CREATE RESOURCE MONITOR (IF NOT EXISTS )?(\S+) WITH ([\s\S]+)$/i,
    act: (account, _session, [ifNot, name, rest]) => {
      if (ifNot && account.monitors.has(unquoted(name!))) return;
      account.monitors.set(unquoted(name!), Number(properties(rest!)["CREDIT_QUOTA"]));
    },
  },
  {
    isAdmin: true,
    pattern: /^ALTER RESOURCE MONITOR (\S+) SET ([\s\S]+)$/i,
    act: (account, _session, [name, rest]) => {
      if (!account.monitors.has(unquoted(name!))) throw doesNotExist("Resource monitor", name!);
      account.monitors.set(unquoted(name!), Number(properties(rest!)["CREDIT_QUOTA"]));
    },
  },
  {
    isAdmin: true,
    pattern: /^CREATE WAREHOUSE (IF NOT EXISTS )?(\S+)([\s\S]*)$/i,
    act: (account, _session, [, name, rest]) => {
      if (account.warehouses.has(unquoted(name!))) return;
      account.warehouses.set(unquoted(name!), new Warehouse());
      setWarehouse(account, unquoted(name!), rest!);
    },
  },
  {
    isAdmin: true,
    pattern: /^ALTER WAREHOUSE (\S+) SET ([\s\S]+)$/i,
    act: (account, _session, [name, rest]) => setWarehouse(account, unquoted(name!), rest!),
  },
  {
    isAdmin: true,
    pattern: /^ALTER DATABASE (\S+) SET [\s\S]+$/i,
    act: (account, _session, [name]) => {
      if (!account.databases.has(unquoted(name!))) throw doesNotExist("Database", name!);
    },
  },
  {
    isAdmin: true,
    pattern: /^CREATE ROLE (IF NOT EXISTS )?(\S+)(?: COMMENT[\s\S]*)?$/i,
    act: (account, _session, [, name]) => {
      const role = unquoted(name!);
      if (!account.roles.has(role)) account.roles.set(role, new Set());
    },
  },
  {
    isAdmin: true,
    pattern: /^CREATE USER (IF NOT EXISTS )?(\S+)([\s\S]*)$/i,
    act: (account, _session, [, name, rest]) => {
      const user = unquoted(name!);
      if (account.users.has(user)) return;
      account.users.set(user, {
        publicKey: null,
        secondPublicKey: null,
        defaultRole: null,
        defaultWarehouse: null,
        defaultPlace: { database: null, schema: null },
      });
      setUser(account, user, rest!);
    },
  },
  {
    isAdmin: true,
    pattern: /^ALTER USER (\S+) SET ([\s\S]+)$/i,
    act: (account, _session, [name, rest]) => setUser(account, unquoted(name!), rest!),
  },
  {
    isAdmin: true,
    pattern: /^ALTER USER (\S+) UNSET RSA_PUBLIC_KEY$/i,
    act: (account, _session, [name]) => setUser(account, unquoted(name!), "RSA_PUBLIC_KEY = ''"),
  },
  {
    isAdmin: true,
    pattern: /^GRANT ROLE (\S+) TO (USER|ROLE) (\S+)$/i,
    act: (account, _session, [name, kind, to]) => {
      const role = roleThere(account, name!);
      if (/role/i.test(kind!)) return void account.roles.get(roleThere(account, to!))!.add(role);
      const user = unquoted(to!);
      if (!account.users.has(user)) throw doesNotExist("User", user);
      account.rolesOf.set(user, new Set([...(account.rolesOf.get(user) ?? []), role]));
    },
  },
  {
    isAdmin: true,
    pattern: /^REVOKE ROLE (\S+) FROM USER (\S+)$/i,
    act: (account, _session, [name, from]) => account.rolesOf.get(unquoted(from!))?.delete(roleThere(account, name!)),
  },
  {
    isAdmin: true,
    pattern: /^(GRANT|REVOKE) DATABASE ROLE SNOWFLAKE\.(\w+) (?:TO|FROM) ROLE (\S+)$/i,
    act: (account, _session, [verb, name, to]) => {
      const role = roleThere(account, to!);
      if (/grant/i.test(verb!)) account.grant(role, "SNOWFLAKE", [name!.toUpperCase()]);
      else account.revoke(role, "SNOWFLAKE", [name!.toUpperCase()]);
    },
  },
  {
    isAdmin: true,
    pattern:
      /^(GRANT|REVOKE) ([\w., ]+?) ON (WAREHOUSE|DATABASE|SCHEMA|TABLE|VIEW) (\S+) (?:TO|FROM) (?:ROLE )?(\S+)$/i,
    act: (account, session, [verb, privileges, kind, name, to]) => {
      const role = roleThere(account, to!);
      const on = securable(account, session, kind!.toUpperCase(), name!);
      const wanted = privileges!.split(",").map((privilege) => privilege.trim().toUpperCase());
      if (/grant/i.test(verb!)) account.grant(role, on, wanted);
      else account.revoke(role, on, wanted);
    },
  },
  {
    pattern: /^ALTER TABLE (\S+) CLUSTER BY \([\s\S]+\)$/i,
    act: (account, session, [name]) => account.check(session.role, account.nameIn(session, name!), ["OWNERSHIP"]),
  },
  {
    pattern: /^DROP SNOWFLAKE\.ML\.(FORECAST|ANOMALY_DETECTION) (IF EXISTS )?(\S+)$/i,
    act: (account, session, [kind, ifExists, written]) => {
      const name = account.nameIn(session, written!);
      if (ifExists && !account.objects.has(name)) return;
      account.check(session.role, name, ["OWNERSHIP"]);
      if (account.objects.get(name)!.kind !== kind!.toUpperCase()) throw doesNotExist("Object", name);
      account.objects.delete(name);
    },
  },
];

function setWarehouse(account: Account, name: string, text: string): void {
  const warehouse = account.warehouse(name);
  const { AUTO_SUSPEND, RESOURCE_MONITOR } = properties(text);
  if (AUTO_SUSPEND !== undefined) warehouse.autoSuspendMs = Number(AUTO_SUSPEND) * 1_000;
  if (RESOURCE_MONITOR !== undefined) {
    if (!account.monitors.has(RESOURCE_MONITOR)) throw doesNotExist("Resource monitor", RESOURCE_MONITOR);
    warehouse.monitor = RESOURCE_MONITOR;
  }
}

function setUser(account: Account, name: string, text: string): void {
  const user = account.users.get(name);
  if (!user) throw doesNotExist("User", name);
  const given = properties(text);
  if (given["RSA_PUBLIC_KEY"] !== undefined) user.publicKey = given["RSA_PUBLIC_KEY"] || null;
  if (given["RSA_PUBLIC_KEY_2"] !== undefined) user.secondPublicKey = given["RSA_PUBLIC_KEY_2"] || null;
  user.defaultRole = given["DEFAULT_ROLE"] ?? user.defaultRole;
  user.defaultWarehouse = given["DEFAULT_WAREHOUSE"] ?? user.defaultWarehouse;
  if (given["DEFAULT_NAMESPACE"] !== undefined) {
    const [database = null, schema = "PUBLIC"] = partsOf(given["DEFAULT_NAMESPACE"]);
    user.defaultPlace = { database, schema };
  }
}

/** Whether it was one of these, and is done. */
export function understand(account: Account, session: Session, statement: string): boolean {
  const plain = statement.replace(/\s+/g, " ").trim();
  for (const { pattern, act, isAdmin } of UNDERSTOOD) {
    const found = pattern.exec(plain);
    if (!found) continue;
    if (isAdmin) account.checkAdmin(session.role);
    act(account, session, found.slice(1));
    return true;
  }
  return false;
}
