import { fullName, partsOf, type FullName, type Place } from "./names.ts";
import { doesNotExist, insufficient } from "./refusal.ts";
import { Warehouse } from "./warehouse.ts";

export const ADMIN = "ACCOUNTADMIN";

export interface User {
  /** SubjectPublicKeyInfo, base64 on one line; null where none was set. */
  publicKey: string | null;
  secondPublicKey: string | null;
  defaultRole: string | null;
  defaultWarehouse: string | null;
  defaultPlace: Place;
}

/** Who runs a statement, and where. */
export interface Session {
  user: string;
  role: string;
  warehouse: string | null;
  place: Place;
}

export type ObjectKind = "TABLE" | "VIEW" | "FORECAST" | "ANOMALY_DETECTION";

/** What a right is on: `WAREHOUSE NEPHOS_WH`, `SCHEMA NEPHOS.PUBLIC`, `OBJECT NEPHOS.PUBLIC.METRICS`. */
type Securable = string;

/** What an account holds beside rows: who there is, what there is, and who may do what with it. */
export class Account {
  readonly users = new Map<string, User>();
  /** Which roles a role includes. */
  readonly roles = new Map<string, Set<string>>([
    [ADMIN, new Set(["SYSADMIN"])],
    ["SYSADMIN", new Set()],
    ["PUBLIC", new Set()],
  ]);
  /** Roles of a user. */
  readonly rolesOf = new Map<string, Set<string>>();
  readonly warehouses = new Map<string, Warehouse>();
  /** Credits by resource monitor. */
  readonly monitors = new Map<string, number>();
  readonly databases = new Set<string>();
  readonly schemas = new Set<string>();
  readonly objects = new Map<FullName, { kind: ObjectKind; owner: string }>();
  readonly #rights = new Map<string, Map<Securable, Set<string>>>();

  grant(role: string, securable: Securable, privileges: string[]): void {
    const rights = this.#rights.get(role) ?? new Map<Securable, Set<string>>();
    this.#rights.set(role, rights.set(securable, new Set([...(rights.get(securable) ?? []), ...privileges])));
  }

  revoke(role: string, securable: Securable, privileges: string[]): void {
    for (const privilege of privileges) this.#rights.get(role)?.get(securable)?.delete(privilege);
  }

  /** Of every role: what is replaced without COPY GRANTS begins anew. */
  forgetRights(name: FullName): void {
    for (const rights of this.#rights.values()) rights.delete(`OBJECT ${name}`);
  }

  /** The rights of a role and of all it includes. */
  rightsOf(role: string, securable: Securable): Set<string> {
    const held = new Set(this.#rights.get(role)?.get(securable));
    for (const included of this.roles.get(role) ?? []) {
      for (const privilege of this.rightsOf(included, securable)) held.add(privilege);
    }
    const owner = securable.startsWith("OBJECT ") ? this.objects.get(securable.slice(7))?.owner : undefined;
    return owner === role ? held.add("OWNERSHIP") : held;
  }

  mayUse(role: string, securable: Securable): boolean {
    return role === ADMIN || this.rightsOf(role, securable).has("USAGE");
  }

  /** A role that was granted to a user, by itself or within another. */
  mayBe(user: string, role: string): boolean {
    const within = (granted: string): boolean => granted === role || [...(this.roles.get(granted) ?? [])].some(within);
    return [...(this.rolesOf.get(user) ?? []), "PUBLIC"].some(within);
  }

  /** A database and schema that the role may use. */
  checkPlace(role: string, database: string, schema: string): void {
    if (!this.databases.has(database) || !this.mayUse(role, `DATABASE ${database}`)) {
      throw doesNotExist("Database", database);
    }
    const name = `${database}.${schema}`;
    if (!this.schemas.has(name) || !this.mayUse(role, `SCHEMA ${name}`)) throw doesNotExist("Schema", name);
  }

  /** An object that is there, with all rights that are needed. */
  check(role: string, name: FullName, privileges: string[]): void {
    const [database = "", schema = ""] = name.split(".");
    this.checkPlace(role, database, schema);
    const rights = this.rightsOf(role, `OBJECT ${name}`);
    const object = this.objects.get(name);
    if (!object || (role !== ADMIN && rights.size === 0)) throw doesNotExist("Object", name);
    if (role === ADMIN || rights.has("OWNERSHIP")) return;
    const what = object.kind === "VIEW" ? "view" : "table";
    if (!privileges.every((privilege) => rights.has(privilege))) throw insufficient(what, name.split(".")[2]!);
  }

  /** To make something in a schema: `CREATE TABLE`, `CREATE SNOWFLAKE.ML.FORECAST`. */
  checkMaking(role: string, name: FullName, privilege: string): void {
    const [database = "", schema = ""] = name.split(".");
    this.checkPlace(role, database, schema);
    if (role !== ADMIN && !this.rightsOf(role, `SCHEMA ${database}.${schema}`).has(privilege)) {
      throw insufficient("schema", schema);
    }
  }

  checkAdmin(role: string): void {
    if (role !== ADMIN) throw insufficient("account", "NEPHOS-TEST");
  }

  /** The whole name of something that is written in a statement. */
  nameIn(session: Session, written: string): FullName {
    const name = fullName(partsOf(written), session.place);
    if (name === null) throw doesNotExist("Object", written.toUpperCase());
    return name;
  }

  warehouse(name: string): Warehouse {
    const known = this.warehouses.get(name);
    if (!known) throw doesNotExist("Warehouse", name);
    return known;
  }
}
