import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import whom is a table in docs/architecture.md; this reads the imports of every program and holds them against it. */
const root = resolve(import.meta.dirname, "..");

function allowed(): Map<string, Set<string>> {
  const rows = readFileSync(join(root, "docs/architecture.md"), "utf8").matchAll(/^\|\s*`([\w/-]+)`\s*\|(.*)\|\s*$/gm);
  return new Map(
    [...rows].map(([, room, may]) => [room!, new Set([...may!.matchAll(/`([\w/-]+)`/g)].map((m) => m[1]!))]),
  );
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter(
      (name) =>
        /\.(ts|svelte)$/.test(name) &&
        !/\.test\.ts$|\.d\.ts$|node_modules|\.svelte-kit|\/build\/|worker\/testing/.test(name),
    );
}

/** `worker/live/tail.ts` → `worker/live`; files at the top of the Worker are the entry, which may see every room. */
function roomOf(file: string): string {
  const [program, room, ...rest] = file.split("/") as [string, string, ...string[]];
  return program === "worker" && rest.length > 0 && room !== "db" ? `worker/${room}` : program;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import\()\s*["'](\.[^"']+)["']/g)]
    .map(([, path]) => relative(root, resolve(root, dirname(file), path!)))
    .filter((path) => path !== "package.json" && path !== "snowflake/setup.sql");
}

describe("the walls between the rooms", () => {
  const table = allowed();

  it.each(["contract", "agent", "web", "worker"])("hold in %s/", (program) => {
    const broken = sources(program).flatMap((file) => {
      const room = roomOf(file);
      return importsOf(file)
        .map((path) => ({ file, from: room, to: roomOf(path) }))
        .filter(({ from, to }) => from !== to && from !== "worker" && !(to === "worker" && from.startsWith("worker/")))
        .filter(({ from, to }) => !table.get(from)?.has(to) && !(from.startsWith("worker/") && to === "contract"));
    });
    expect(broken).toEqual([]);
    expect(sources(program).length).toBeGreaterThan(3);
  });

  it("let the Worker's entry see nothing but its rooms and the contract", () => {
    const outside = sources("worker")
      .flatMap(importsOf)
      .filter((path) => !/^(worker|contract)\//.test(path));
    expect(outside).toEqual([]);
  });

  it("have no circle inside the Worker", () => {
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      [...(table.get(from) ?? [])].some(
        (next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))),
      );
    for (const room of table.keys()) expect(reaches(room, room), room).toBe(false);
  });
});
