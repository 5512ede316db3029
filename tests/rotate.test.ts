import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { InAccount, ROOT, type Outcome } from "./account.ts";
import type { CloudflareState } from "./outside/cloudflare-state.ts";

const LIMIT_MS = 120_000;

/** The tables as the migrations make them. */
function migrate(rows: DatabaseSync): void {
  const folder = join(ROOT, "drizzle");
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  for (const name of files.sort()) rows.exec(readFileSync(join(folder, name), "utf8"));
}

function seal(rows: DatabaseSync, personId: string, keyId: string): void {
  rows
    .prepare("INSERT OR REPLACE INTO totp (person_id, secret, last_step) VALUES (?, ?, 0)")
    .run(personId, `v1.${keyId}.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA`);
}

describe("npm run secrets:rotate", { timeout: LIMIT_MS }, () => {
  let account: InAccount;
  let state: CloudflareState;
  beforeEach(async () => {
    account = await InAccount.open();
    ({ state } = account.api);
  });
  afterEach(() => account.end());

  const rotate = (...args: string[]): Promise<Outcome> => account.run("rotate.ts", args);
  const keys = () => Object.keys(state.secretsOf("nephos")).filter((name) => name.startsWith("ENCRYPTION_KEY_"));

  /** A Worker and its database as `npm run deploy` leaves them. */
  function deployed(secrets: Record<string, string>): DatabaseSync {
    state.createDatabase({ name: "nephos" });
    state.scripts.set("nephos", { bindings: [], migrationTag: "v2", crons: [], hasWorkersDev: true });
    state.changeSecrets("nephos", Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, { text }])));
    const { rows } = state.databases[0]!;
    migrate(rows);
    return rows;
  }

  test("adds the next key beside the older ones, and never shows it", async () => {
    deployed({ SESSION_SECRET: "s", ENCRYPTION_KEY_2: "b", ENCRYPTION_KEY_10: "j" });
    const { code, stdout, stderr } = await rotate();
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const secrets = state.secretsOf("nephos");
    expect(secrets).toMatchObject({ SESSION_SECRET: "s", ENCRYPTION_KEY_2: "b", ENCRYPTION_KEY_10: "j" });
    const made = secrets["ENCRYPTION_KEY_11"]!;
    expect(Buffer.from(made, "base64url")).toHaveLength(32);
    expect(stdout).toContain("ENCRYPTION_KEY_11 is made and in use; ENCRYPTION_KEY_10 still opens");
    expect(stdout).toContain("npm run secrets:rotate -- --finish");
    expect(stdout + stderr).not.toContain(made);
    expect(await account.leftovers()).toEqual([]);
  });

  test("removes no key while something is sealed with an older one, and all older ones when nothing is", async () => {
    const rows = deployed({ SESSION_SECRET: "s", ENCRYPTION_KEY_1: "a", ENCRYPTION_KEY_2: "b", ENCRYPTION_KEY_3: "c" });
    seal(rows, "ada", "k1");
    seal(rows, "bob", "k1");
    seal(rows, "eve", "k3");
    const refused = await rotate("--finish");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("still sealed with an older key: 2 with ENCRYPTION_KEY_1. No key was removed.");
    expect(refused.stderr).toContain("Wait for the Worker's next tick");
    expect(keys()).toEqual(["ENCRYPTION_KEY_1", "ENCRYPTION_KEY_2", "ENCRYPTION_KEY_3"]);

    for (const personId of ["ada", "bob"]) seal(rows, personId, "k3");
    const finished = await rotate("--finish");
    expect(finished.stderr).toBe("");
    expect(finished.stdout).toContain("Removed: ENCRYPTION_KEY_1, ENCRYPTION_KEY_2. In use: ENCRYPTION_KEY_3.");
    expect(state.secretsOf("nephos")).toEqual({ SESSION_SECRET: "s", ENCRYPTION_KEY_3: "c" });

    seal(rows, "ada", "k1");
    const again = await rotate("--finish");
    expect(again.stdout).toContain("sealed with keys nobody has any more: 1 (k1)");
    expect(again.stdout).toContain("Nothing to finish: ENCRYPTION_KEY_3 is the only key.");
  });

  test("says what to do where there is nothing to rotate, and when Cloudflare fails", async () => {
    const nothing = await rotate();
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain("The account Somebody has no Nephos with an encryption key.");
    expect(nothing.stderr).toContain("npm run deploy");

    deployed({ SESSION_SECRET: "s", ENCRYPTION_KEY_1: "a" });
    account.api.failing = /\/secrets-bulk$/;
    const failed = await rotate();
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("`wrangler secret bulk` failed");
    expect(failed.stderr).toContain("run the same command again");
    expect(keys()).toEqual(["ENCRYPTION_KEY_1"]);
    expect(await account.leftovers()).toEqual([]);
  });

  test("of `npm start`: adds a line to its file, and removes the older ones when nothing is sealed with them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nephos-rotate-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "encryption-keys");
    const lines = () => readFileSync(file, "utf8").trim().split("\n");
    const here = (...args: string[]) => rotate("--local", "--state", folder, ...args);

    const none = await here();
    expect(none.code).toBe(1);
    expect(none.stderr).toContain(`There is no encryption key in ${folder}.`);

    const first = `ENCRYPTION_KEY_1=${"a".repeat(43)}`;
    writeFileSync(file, `${first}\n`);
    const added = await here();
    expect(added.stderr).toBe("");
    expect(added.stdout).toContain("ENCRYPTION_KEY_2 is made; `npm start` takes it up");
    const second = lines()[1]!;
    expect(lines()).toEqual([first, expect.stringMatching(/^ENCRYPTION_KEY_2=[\w-]{43}$/)]);
    expect(added.stdout).not.toContain(second.split("=")[1]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const data = join(folder, "data/d1/miniflare-D1DatabaseObject");
    mkdirSync(data, { recursive: true });
    const rows = new DatabaseSync(join(data, `${"0".repeat(64)}.sqlite`));
    migrate(rows);
    seal(rows, "ada", "k1");
    const refused = await here("--finish");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("1 with ENCRYPTION_KEY_1. No key was removed.");
    expect(lines()).toHaveLength(2);

    seal(rows, "ada", "k2");
    rows.close();
    const finished = await here("--finish");
    expect(finished.stderr).toBe("");
    expect(finished.stdout).toContain("Removed: ENCRYPTION_KEY_1. In use: ENCRYPTION_KEY_2.");
    expect(lines()).toEqual([second]);
    // The next one is the third, not the second once more: texts name their key by its number.
    await here();
    expect(lines()[1]).toMatch(/^ENCRYPTION_KEY_3=/);
  });

  test("of `npm start`: not while it runs, and not with options that make no sense", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nephos-rotate-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const broken = join(folder, "encryption-keys");
    writeFileSync(broken, "ENCRYPTION_KEY_1=short\n");
    const refused = await rotate("--local", "--state", folder);
    expect(refused.stderr).toContain(`${broken} has a line that is no key.`);
    expect(readFileSync(broken, "utf8")).toBe("ENCRYPTION_KEY_1=short\n");

    const running = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "launch.ts"]);
    onTestFinished(() => void running.kill());
    await once(running, "spawn");
    writeFileSync(broken, `ENCRYPTION_KEY_1=${"a".repeat(43)}\n`);
    writeFileSync(join(folder, "lock"), String(running.pid));
    const taken = await rotate("--local", "--state", folder);
    expect(taken.stderr).toContain(`Nephos already runs with ${folder}`);
    expect(readFileSync(broken, "utf8")).not.toContain("ENCRYPTION_KEY_2");

    expect((await rotate("--state", folder)).stderr).toContain("--state is for --local.");
    expect((await rotate("--finnish")).stderr).toContain("Unknown option '--finnish'.");
  });
});
