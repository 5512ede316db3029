import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as landing from "../worker/export/landing.ts";
import type { LandingTable } from "../worker/export/landing.ts";
import { mergeStatement } from "../worker/export/merge-way.ts";
import { numberPlaceholders } from "./outside/snowflake/sql-text.ts";
import { parsed } from "./outside/snowflake/translate.ts";

const tables = Object.values(landing) as LandingTable[];
const setup = readFileSync(join(import.meta.dirname, "../snowflake/setup.sql"), "utf8");

/** Columns with their types, without lengths, and what a row is read once by. */
function madeBySetup(table: string) {
  const [, key, body] = new RegExp(
    String.raw`-- Key: ([A-Z_, ]+)\.[^\n]*\nCREATE TABLE IF NOT EXISTS LANDING\.${table} \(\n(.*?)\n\);`,
    "s",
  ).exec(setup)!;
  const columns = [...body!.matchAll(/^ {2}([A-Z_]+) ([A-Z_]+)/gm)].map(([, column, type]) => [column, type]);
  return { key: key!.split(", "), columns };
}

describe.each(tables)("what lands in $name", (table) => {
  it("is merged in Snowflake's own dialect, with one binding and no value pasted in", () => {
    const { sql, count } = numberPlaceholders(mergeStatement(table));
    expect(count).toBe(1);
    expect(parsed(sql)).toHaveLength(1);
    expect(sql).not.toContain("'");
  });

  it("has the key, the columns and the types of setup.sql", () => {
    const { key, columns } = madeBySetup(table.name);
    expect(table.key).toEqual(key);
    expect(Object.entries(table.columns)).toEqual(columns);
  });
});

it("is every landing table there is", () => {
  const made = [...setup.matchAll(/CREATE TABLE IF NOT EXISTS LANDING\.(\w+)/g)].map(([, name]) => name);
  expect(tables.map(({ name }) => name).sort()).toEqual(made.sort());
});
