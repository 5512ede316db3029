import { createRequire } from "node:module";
import type * as Polyglot from "@polyglot-sql/sdk";
import { inFull, references, type Reference } from "./references.ts";
import { Refusal } from "./refusal.ts";
import { rewrite, type Context } from "./rewrite.ts";
import { changeCode, numberPlaceholders } from "./sql-text.ts";
import type { Place } from "./names.ts";
import { change, isTree, type Tree } from "./tree.ts";

// Whoever bundles for workerd resolves an import by the `browser` condition, which would fetch the WebAssembly over HTTP.
const polyglot = createRequire(import.meta.url)("@polyglot-sql/sdk") as typeof Polyglot;
await polyglot.init();
const { generate, parse, transpile } = polyglot;

const SNOWFLAKE = "snowflake" as Polyglot.Dialect;
const DUCKDB = "duckdb" as Polyglot.Dialect;

export interface Read {
  /** What the statement is: `select`, `insert`, `merge`, `create_table` ... */
  kind: string;
  tree: Tree;
  references: Reference[];
  /** How many bindings it wants. */
  placeholders: number;
}

function untranslatable(words: string): Refusal {
  return new Refusal(422, "000000", "42000", words);
}

/** The parser stumbles over a column that is called TIMESTAMP in a MERGE's lists, which Snowflake takes: quoted, it is the same. */
function withQuotedTimestamp(code: string): string {
  return code.replaceAll(/([(,]\s*|\bSET\s+)TIMESTAMP(?=\s*[,)=])/gi, '$1"TIMESTAMP"');
}

/**
 * Snowflake's SQL as its dialect's parser reads it; `?` must be numbered by now.
 * @throws {Refusal} with the parser's words
 */
export function parsed(sql: string): Tree[] {
  const { success, ast, error } = parse(
    /^\s*MERGE\b/i.test(sql) ? changeCode(sql, withQuotedTimestamp) : sql,
    SNOWFLAKE,
  );
  if (!success) throw new Refusal(422, "001003", "42000", `SQL compilation error:\n${error}`);
  return ast as Tree[];
}

/** A statement as a tree whose names are whole and whose words are DuckDB's where the translator's would be wrong. */
export function read(statement: string, place: Place, context: Context): Read {
  const { sql, count } = numberPlaceholders(statement);
  const [tree, ...more] = parsed(sql);
  if (!tree || more.length > 0) {
    throw new Refusal(422, "000008", "0A000", "Actual statement count 2 did not match the desired statement count 1.");
  }
  const rewritten = inFull(rewrite(tree, context), place) as Tree;
  const [kind = ""] = Object.keys(rewritten);
  return { kind, tree: rewritten, references: references(rewritten), placeholders: count };
}

/** What Snowflake keeps of a table and the engine beneath has no word for. */
function withoutOptions(tree: Tree): unknown {
  return change(tree, (node) => {
    const { create_view: view, create_table: table } = node;
    if (isTree(view)) return { create_view: { ...view, copy_grants: false, comment: null } };
    return isTree(table) ? { create_table: { ...table, comment: null } } : node;
  });
}

const SOURCE = "SF_SOURCE";

/** The translator leaves what a MERGE reads as it is, so that is translated by itself and put in its place. */
function mergeToDuckDb(merge: Tree): string | null {
  const using = isTree(merge["using"]) && isTree(merge["using"]["subquery"]) ? merge["using"]["subquery"] : null;
  if (using === null) return null;
  const source = toDuckDb(using["this"] as Tree);
  const [stand] = parsed(`SELECT 1 FROM ${SOURCE}`);
  const [table] = (stand!["select"] as { from: { expressions: Tree[] } }).from.expressions;
  const alias = { ...(table!["table"] as Tree), alias: using["alias"], alias_explicit_as: true };
  const whole = translated({ merge: { ...merge, using: { table: alias } } });
  return whole.replace(new RegExp(`\\b${SOURCE}\\b`), () => `(${source})`);
}

/** DuckDB's SQL for the rows of a MERGE's target that more than one row of its source matches. */
export function matchedTwice(merge: Tree): string {
  const target = (merge["this"] as { alias?: { alias: { name: string } } }).alias?.alias.name;
  const [tree] = parsed(`SELECT 1 FROM A JOIN B ON C GROUP BY ${target ?? "A"}.ROWID HAVING COUNT(*) > 1`);
  const select = tree!["select"] as { from: { expressions: unknown[] }; joins: Tree[] };
  select.from.expressions = [merge["this"]];
  select.joins[0] = { ...select.joins[0], this: merge["using"], on: merge["on"] };
  return toDuckDb(tree!);
}

/** DuckDB's SQL, with `$1`, `$2` ... for the bindings. */
export function toDuckDb(tree: Tree): string {
  const merge = isTree(tree["merge"]) ? mergeToDuckDb(tree["merge"]) : null;
  return (merge ?? translated(tree))
    .replaceAll(/SF_BIND\((\d+)\)/g, "$$$1")
    .replaceAll("SF_FLATTEN(", "memory.main.sf_flatten(");
}

function translated(tree: Tree): string {
  const snowflake = generate([withoutOptions(tree)], SNOWFLAKE);
  if (!snowflake.success) throw untranslatable(String(snowflake.error));
  const duck = transpile(snowflake.sql![0]!, SNOWFLAKE, DUCKDB);
  if (!duck.success || duck.sql?.length !== 1) throw untranslatable(String(duck.error ?? "nothing to run"));
  return duck.sql[0]!;
}
