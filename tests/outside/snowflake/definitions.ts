import type { Account, ObjectKind, Session } from "./account.ts";
import type { Engine } from "./engine.ts";
import { fullSchema, partsOf } from "./names.ts";
import { said, type Outcome } from "./outcome.ts";
import { doesNotExist, Refusal } from "./refusal.ts";
import { unquoted } from "./sql-text.ts";
import { toDuckDb } from "./translate.ts";
import type { Tree } from "./tree.ts";

/** Makes and drops what holds rows: in the engine, and in what the account knows of itself. */
export class Definitions {
  readonly #account: Account;
  readonly #engine: Engine;

  constructor(account: Account, engine: Engine) {
    this.#account = account;
    this.#engine = engine;
  }

  /** Databases and schemas, which the parser does not always read; null where it is neither. */
  async make(session: Session, statement: string): Promise<Outcome | null> {
    const plain = statement.replace(/\s+/g, " ");
    const database = /^CREATE DATABASE (?:IF NOT EXISTS )?(\S+)$/i.exec(plain)?.[1];
    if (database !== undefined) {
      this.#account.checkAdmin(session.role);
      const name = unquoted(database);
      if (!this.#account.databases.has(name)) {
        await this.#engine.run(`ATTACH ':memory:' AS "${name}"`);
        this.#account.databases.add(name);
        await this.#makeSchema(`${name}.PUBLIC`);
      }
      session.place = { database: name, schema: "PUBLIC" };
      return said(`Database ${name} successfully created.`);
    }
    const schema = /^CREATE SCHEMA (?:IF NOT EXISTS )?(\S+)$/i.exec(plain)?.[1];
    if (schema !== undefined) {
      this.#account.checkAdmin(session.role);
      const name = fullSchema(partsOf(schema), session.place);
      if (name === null || !this.#account.databases.has(name.split(".")[0]!)) throw doesNotExist("Database", schema);
      await this.#makeSchema(name);
      session.place = { database: name.split(".")[0]!, schema: name.split(".")[1]! };
      return said(`Schema ${name.split(".")[1]} successfully created.`);
    }
    return null;
  }

  async #makeSchema(name: string): Promise<void> {
    const [database, schema] = name.split(".");
    await this.#engine.run(`CREATE SCHEMA IF NOT EXISTS "${database}"."${schema}"`);
    this.#account.schemas.add(name);
  }

  /** Tables and views, by the parser's tree. */
  async define(session: Session, kind: string, tree: Tree): Promise<Outcome> {
    const inner = tree[kind] as Tree;
    const what = kind.split("_")[1]!.toUpperCase() as ObjectKind;
    if (what !== "TABLE" && what !== "VIEW") {
      throw new Refusal(
        422,
        "000000",
        "0A000",
        `The emulator does not understand ${kind.replace("_", " ").toUpperCase()}`,
      );
    }
    const named = (node: Tree) =>
      [node["catalog"], node["schema"], node["name"]].map((part) => (part as Tree)["name"] as string).join(".");
    if (kind.startsWith("drop_")) {
      const names = (Array.isArray(inner["names"]) ? inner["names"] : [inner["name"]]) as Tree[];
      for (const name of names.map(named)) {
        if (inner["if_exists"] === true && !this.#account.objects.has(name)) continue;
        this.#account.check(session.role, name, ["OWNERSHIP"]);
        this.#account.objects.delete(name);
        this.#account.forgetRights(name);
      }
      await this.#engine.run(toDuckDb(tree));
      return said(`${names.map(named).join(", ")} successfully dropped.`);
    }
    const name = named(inner["name"] as Tree);
    this.#account.checkMaking(session.role, name, `CREATE ${what}`);
    const isReplaced = inner["or_replace"] === true;
    await this.#engine.run(toDuckDb(tree));
    if (isReplaced && inner["copy_grants"] !== true) this.#account.forgetRights(name);
    if (isReplaced || !this.#account.objects.has(name)) {
      this.#account.objects.set(name, { kind: what, owner: session.role });
    }
    return said(`${what === "VIEW" ? "View" : "Table"} ${name.split(".")[2]} successfully created.`);
  }
}
