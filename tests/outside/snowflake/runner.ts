import type { Account, Session } from "./account.ts";
import type { Binding } from "./cells.ts";
import { Definitions } from "./definitions.ts";
import type { Engine, Rows } from "./engine.ts";
import { Models } from "./models.ts";
import { counted, NO_CHANGES, said, type Outcome } from "./outcome.ts";
import { compilation, insufficient, Refusal } from "./refusal.ts";
import type { Context } from "./rewrite.ts";
import { changeCode, unquoted } from "./sql-text.ts";
import { matchedTwice, read, toDuckDb, type Read } from "./translate.ts";
import { change, isTree, visit, type Tree } from "./tree.ts";
import { understand } from "./understood.ts";

const READS = new Set(["select", "union", "intersect", "except"]);
const CHANGES = new Set(["insert", "merge", "update", "delete"]);
const VERBS: Record<string, string> = { insert: "Inserted", update: "Updated", delete: "Deleted" };

/** Runs one statement as Snowflake would: rights, warehouse, and what it says; rows come from the engine. */
export class Runner {
  readonly models: Models;
  readonly #definitions: Definitions;
  readonly #account: Account;
  readonly #engine: Engine;
  readonly #now: () => number;

  constructor(account: Account, engine: Engine, now: () => number) {
    this.models = new Models(account);
    this.#definitions = new Definitions(account, engine);
    this.#account = account;
    this.#engine = engine;
    this.#now = now;
  }

  async run(session: Session, written: string, bindings: Binding[] = []): Promise<Outcome> {
    const statement = asSelect(
      changeCode(written, (code) => code)
        .trim()
        .replace(/;$/, "")
        .trim(),
    );
    if (understand(this.#account, session, statement)) return said("Statement executed successfully.");
    const made =
      (await this.#definitions.make(session, statement)) ?? (await this.#train(session, statement, bindings));
    if (made) return made;
    const explained = /^EXPLAIN(?:\s+USING\s+(?:TEXT|TABULAR|JSON))?\s+([\s\S]+)$/i.exec(statement)?.[1];
    if (explained !== undefined) return this.#explain(session, explained, bindings);
    return this.#runRead(session, read(statement, session.place, this.#contextOf(session)), bindings);
  }

  async #runRead(session: Session, parsed: Read, bindings: Binding[]): Promise<Outcome> {
    const { kind, references, placeholders } = parsed;
    for (const { name, privileges } of references) this.#account.check(session.role, name, privileges);
    if (bindings.length < placeholders) throw compilation("002049", "42601", "Bind variable ? not set.");
    const tree = await this.#withModels(session, parsed.tree, bindings);
    if (kind.startsWith("create_") || kind.startsWith("drop_")) return this.#definitions.define(session, kind, tree);
    if (!READS.has(kind) && !CHANGES.has(kind)) {
      throw new Refusal(422, "000000", "0A000", `The emulator does not understand a statement of the kind ${kind}`);
    }
    this.#checkCortex(session, tree);
    if (references.length > 0 || JSON.stringify(tree).includes('"sf_complete"')) this.#wake(session);
    await this.#engine.setClock(this.#now());
    const sql = toDuckDb(tree);
    if (READS.has(kind)) return { rows: await this.#engine.run(sql, bindings), stats: null };
    return kind === "merge" ? this.#merge(tree, sql, bindings) : this.#change(kind, sql, bindings);
  }

  /** Compiles alone: rights and names are looked at, no warehouse wakes. */
  async #explain(session: Session, statement: string, bindings: Binding[]): Promise<Outcome> {
    const { tree, references } = read(statement, session.place, this.#contextOf(session));
    for (const { name, privileges } of references) this.#account.check(session.role, name, privileges);
    await this.#engine.run(`EXPLAIN ${toDuckDb(tree)}`, bindings);
    return said("GlobalStats:\n    partitionsTotal=0", "content");
  }

  async #change(kind: string, sql: string, bindings: Binding[]): Promise<Outcome> {
    const { cells } = await this.#engine.run(sql, bindings);
    const count = Number(cells[0]![0]);
    const verb = VERBS[kind]!;
    return {
      rows: counted([[`number of rows ${verb.toLowerCase()}`, count]]),
      stats: { ...NO_CHANGES, [`numRows${verb}`]: count },
    };
  }

  /** As ERROR_ON_NONDETERMINISTIC_MERGE, which is on unless an account switches it off. */
  async #merge(tree: Tree, sql: string, bindings: Binding[]): Promise<Outcome> {
    const twice = await this.#engine.run(matchedTwice(tree["merge"] as Tree), bindings);
    if (twice.cells.length > 0) throw new Refusal(422, "100090", "42P18", "Duplicate row detected during DML action");
    const { cells } = await this.#engine.run(`${sql} RETURNING merge_action`, bindings);
    const count = (action: string) => cells.filter(([done]) => done === action).length;
    const [inserted, updated] = [count("INSERT"), count("UPDATE")];
    return {
      rows: counted([
        ["number of rows inserted", inserted],
        ["number of rows updated", updated],
      ]),
      stats: { ...NO_CHANGES, numRowsInserted: inserted, numRowsUpdated: updated },
    };
  }

  /** Needs a warehouse, and wakes it. */
  #wake({ role, warehouse }: Session): void {
    if (warehouse === null || !this.#account.mayUse(role, `WAREHOUSE ${warehouse}`)) {
      const words =
        "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.";
      throw new Refusal(422, "000606", "57P03", words);
    }
    this.#account.warehouse(warehouse).work(this.#now());
  }

  #checkCortex({ role }: Session, tree: Tree): void {
    if (!JSON.stringify(tree).includes('"sf_complete"')) return;
    if (!this.mayCortex(role)) throw insufficient("function", "AI_COMPLETE");
  }

  #contextOf({ user, role, warehouse, place }: Session): Context {
    const mayUse = warehouse !== null && this.#account.mayUse(role, `WAREHOUSE ${warehouse}`);
    return {
      CURRENT_ACCOUNT: "NT12345",
      CURRENT_ACCOUNT_NAME: "TEST",
      CURRENT_ORGANIZATION_NAME: "NEPHOS",
      CURRENT_REGION: "AWS_EU_CENTRAL_1",
      CURRENT_VERSION: "10.40.1",
      CURRENT_USER: user,
      CURRENT_ROLE: role,
      CURRENT_WAREHOUSE: mayUse ? warehouse : null,
      CURRENT_DATABASE: place.database,
      CURRENT_SCHEMA: place.schema,
    };
  }

  mayCortex(role: string): boolean {
    return role === "ACCOUNTADMIN" || this.#account.rightsOf(role, "SNOWFLAKE").has("CORTEX_USER");
  }

  /** `CREATE SNOWFLAKE.ML...`, whose arguments are read as those of a function; null where it is something else. */
  async #train(session: Session, statement: string, bindings: Binding[]): Promise<Outcome | null> {
    const model =
      /^CREATE (?:OR REPLACE )?SNOWFLAKE\.ML\.(FORECAST|ANOMALY_DETECTION)(?: IF NOT EXISTS)? ([^\s(]+) ?\(([\s\S]*)\)$/i.exec(
        statement.replace(/\s+/g, " "),
      );
    if (!model) return null;
    const [, kind, name, args] = model as unknown as [string, string, string, string];
    const parsed = read(`SELECT F(${args})`, session.place, this.#contextOf(session));
    const [called] = (parsed.tree["select"] as { expressions: Tree[] }).expressions;
    for (const { name: read, privileges } of parsed.references) this.#account.check(session.role, read, privileges);
    const given = (called!["function"] as Tree)["args"] as Tree[];
    const reader = (query: string | Tree) => this.#query(session, query, bindings);
    await this.models.create(session, kind.toUpperCase() as "FORECAST", name, given, reader);
    return said(`Instance ${unquoted(name)} successfully created.`);
  }

  async #query(session: Session, query: string | Tree, bindings: Binding[]): Promise<Rows> {
    const parsed =
      typeof query === "string"
        ? read(query, session.place, this.#contextOf(session))
        : { kind: "select", tree: query, references: [], placeholders: 0 };
    this.#wake(session);
    return (await this.#runRead(session, parsed, bindings)).rows;
  }

  /** `TABLE(m!FORECAST(...))` as a table that holds what the model answers. */
  async #withModels(session: Session, tree: Tree, bindings: Binding[]): Promise<Tree> {
    const calls: Tree[] = [];
    const callOf = (node: Tree) => {
      const called = isTree(node["function"]) && node["function"]["name"] === "TABLE" ? node["function"] : undefined;
      const [inner] = (called?.["args"] ?? []) as Tree[];
      return isTree(inner?.["model_attribute"]) ? inner["model_attribute"] : undefined;
    };
    visit(tree, (node) => {
      const found = callOf(node);
      if (found) calls.push(found);
    });
    if (calls.length === 0) return tree;
    this.#wake(session);
    const reader = (query: string | Tree) => this.#query(session, query, bindings);
    const tables: string[] = [];
    for (const call of calls) tables.push(await this.models.ask(session, this.#engine, call, bindings, reader));
    return change(tree, (node) => (callOf(node) ? tableNode(tables.shift()!) : node)) as Tree;
  }
}

/** `CALL m!FORECAST(...)` answers like a SELECT; the parser wants `TABLE((SELECT ...))` where Snowflake takes one pair less. */
function asSelect(statement: string): string {
  const called = /^CALL\s+([\s\S]+)$/i.exec(statement)?.[1];
  let text = called === undefined ? statement : `SELECT * FROM TABLE(${called})`;
  for (
    let from = text.search(/TABLE\(\s*(SELECT|WITH)\b/i);
    from !== -1;
    from = text.search(/TABLE\(\s*(SELECT|WITH)\b/i)
  ) {
    const open = from + "TABLE".length;
    const end = closing(text, open);
    text = `${text.slice(0, open)}((${text.slice(open + 1, end)}))${text.slice(end + 1)}`;
  }
  return text;
}

/** Where the bracket that opens at `open` closes; brackets in strings do not count. */
function closing(text: string, open: number): number {
  let depth = 0;
  let isString = false;
  for (let index = open; index < text.length; index++) {
    if (text[index] === "'") isString = !isString;
    if (isString) continue;
    if (text[index] === "(") depth++;
    if (text[index] === ")" && --depth === 0) return index;
  }
  throw compilation("001003", "42000", "syntax error: a bracket is not closed");
}

function tableNode(name: string): Tree {
  const part = (value: string) => ({ name: value, quoted: true, trailing_comments: [], span: null });
  return {
    table: {
      name: part(name),
      schema: part("main"),
      catalog: part("memory"),
      alias: null,
      alias_explicit_as: false,
      column_aliases: [],
      trailing_comments: [],
      when: null,
      only: false,
      final_: false,
      hints: [],
    },
  };
}
