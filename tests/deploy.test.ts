import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, InAccount, ROOT, TOKEN, type Outcome } from "./account.ts";
import type { CloudflareApi, Account } from "./outside/cloudflare-api.ts";

const OTHER: Account = { id: "fedcba9876543210fedcba9876543210", name: "Somebody's other" };
const LIMIT_MS = 180_000;

let account: InAccount;
let api: CloudflareApi;

beforeEach(() => open([ACCOUNT]));
afterEach(() => account.end());

async function open(accounts: readonly Account[]): Promise<void> {
  account = await InAccount.open(accounts);
  api = account.api;
}

const deploy = (env?: Record<string, string>): Promise<Outcome> => account.run("deploy.ts", [], env);

function links(): { hash: string; created_at: number; expires_at: number; used_at: number | null }[] {
  const sql = "SELECT * FROM sign_in_link ORDER BY created_at";
  return (api.state.databases[0]?.rows.prepare(sql).all() ?? []) as ReturnType<typeof links>;
}

function printedLink({ stdout }: Outcome): { url: string; hash: string } {
  const match = /(https:\/\/\S+)\/sign-in#([A-Za-z0-9_-]{43})\s/.exec(stdout);
  return {
    url: match?.[1] ?? "",
    hash: createHash("sha256")
      .update(match?.[2] ?? "")
      .digest("hex"),
  };
}

async function appliedMigrations(): Promise<{ applied: string[]; expected: string[] }> {
  const rows = api.state.databases[0]?.rows.prepare("SELECT name FROM d1_migrations ORDER BY name").all() ?? [];
  const files = await readdir(join(ROOT, "drizzle"));
  return {
    applied: rows.map((row) => String(row["name"])),
    expected: files.filter((file) => file.endsWith(".sql")).sort(),
  };
}

function created(): string[] {
  return api.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

describe("npm run deploy", { timeout: LIMIT_MS }, () => {
  test("makes everything in a fresh account once, and keeps it when run again", async () => {
    const first = await deploy();
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("7/7");
    expect(api.state.databases.map(({ name }) => name)).toEqual(["nephos"]);
    const { applied, expected } = await appliedMigrations();
    expect(applied).toEqual(expected);

    const script = api.state.scripts.get("nephos");
    expect(api.state.uploads).toBe(1);
    expect(script?.crons).toEqual(["*/2 * * * *"]);
    expect(script?.hasWorkersDev).toBe(true);
    expect(script?.bindings.find(({ type }) => type === "d1")).toMatchObject({ name: "DB" });
    const secrets = api.state.secretsOf("nephos");
    expect(Object.keys(secrets).sort()).toEqual(["ENCRYPTION_KEY_1", "SESSION_SECRET"]);
    expect(new Set(Object.values(secrets)).size).toBe(2);
    for (const secret of Object.values(secrets)) {
      expect(Buffer.from(secret, "base64url")).toHaveLength(32);
      expect(first.stdout + first.stderr).not.toContain(secret);
    }
    expect(first.stdout).toContain("session secret: created\n    encryption key: created\n");
    expect(await account.leftovers()).toEqual([]);

    const [link] = links();
    expect(printedLink(first)).toEqual({ url: "https://nephos.somebody.workers.dev", hash: link?.hash });
    expect((link?.expires_at ?? 0) - (link?.created_at ?? 0)).toBe(15 * 60_000);
    expect(link?.used_at).toBeNull();

    const second = await deploy();
    expect(second.stderr).toBe("");
    expect(second.code).toBe(0);
    expect(api.state.databases).toHaveLength(1);
    expect(await appliedMigrations()).toEqual({ applied, expected });
    expect(api.state.uploads).toBe(2);
    expect(api.state.secretValues).toHaveLength(2);
    expect(api.state.secretsOf("nephos")).toEqual(secrets);
    expect(second.stdout).toContain("session secret: kept\n    encryption key: kept\n");
    expect(links().map(({ hash }) => hash)).toEqual([link?.hash, printedLink(second).hash]);
  });

  test("gives a Worker from before there were encryption keys its first, and keeps what it has", async () => {
    expect((await deploy()).code).toBe(0);
    api.state.changeSecrets("nephos", { ENCRYPTION_KEY_1: null });
    const sessionSecret = api.state.secretsOf("nephos")["SESSION_SECRET"];
    const upgraded = await deploy();
    expect(upgraded.stderr).toBe("");
    expect(upgraded.stdout).toContain("session secret: kept\n    encryption key: created\n");
    const { SESSION_SECRET, ...keys } = api.state.secretsOf("nephos");
    expect(SESSION_SECRET).toBe(sessionSecret);
    expect(Object.keys(keys)).toEqual(["ENCRYPTION_KEY_1"]);

    // Of one whose keys were rotated none is the first any more; it gets no other one.
    api.state.changeSecrets("nephos", {
      ENCRYPTION_KEY_1: null,
      ENCRYPTION_KEY_7: { text: keys["ENCRYPTION_KEY_1"]! },
    });
    const again = await deploy();
    expect(again.stdout).toContain("encryption key: kept");
    expect(Object.keys(api.state.secretsOf("nephos")).sort()).toEqual(["ENCRYPTION_KEY_7", "SESSION_SECRET"]);
  });

  test("says so when the token is wrong or missing, and makes nothing", async () => {
    const wrong = await deploy({ CLOUDFLARE_API_TOKEN: "a-token-nobody-gave-out" });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("Stopped at step 1/7");
    expect(wrong.stderr).toContain("does not accept CLOUDFLARE_API_TOKEN");
    expect(wrong.stderr).toContain("Account › D1 › Edit");
    expect(wrong.stderr).not.toContain("a-token-nobody-gave-out");
    expect(wrong.stderr).not.toMatch(/^\s+at /m);

    const missing = await deploy({});
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("You are not signed in");
    expect(missing.stderr).toContain("wrangler login");
    expect(created()).toEqual([]);
  });

  test("asks which account when there are several", async () => {
    await account.end();
    await open([ACCOUNT, OTHER]);
    const undecided = await deploy();
    expect(undecided.code).toBe(1);
    expect(undecided.stderr).toContain("CLOUDFLARE_ACCOUNT_ID");
    expect(undecided.stderr).toContain(OTHER.id);
    expect(created()).toEqual([]);

    const decided = await deploy({ CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: OTHER.id });
    expect(decided.stderr).toBe("");
    expect(created().filter((call) => !call.includes(` /accounts/${OTHER.id}/`))).toEqual([]);
    expect(api.state.uploads).toBe(1);
  });

  test.for([
    ["5/7", /^POST .*\/d1\/database\/[^/]+\/query$/],
    ["6/7", /^PUT .*\/workers\/scripts\/nephos$/],
    ["6/7", /^PUT .*\/schedules$/],
  ] as const)("stops at step %s when Cloudflare fails there, and completes when run again", async ([step, failing]) => {
    api.failing = failing;
    const stopped = await deploy();
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain(`Stopped at step ${step}`);
    expect(stopped.stderr).toContain("www.cloudflarestatus.com");
    expect(stopped.stderr).toContain("run the same command again");
    expect(stopped.stdout).not.toContain("/sign-in#");
    expect(await account.leftovers()).toEqual([]);

    api.failing = undefined;
    const resumed = await deploy();
    expect(resumed.stderr).toBe("");
    expect(resumed.code).toBe(0);
    expect(api.state.databases).toHaveLength(1);
    expect(api.state.secretValues).toHaveLength(2);
    expect(printedLink(resumed).hash).toBe(links()[0]?.hash);
  });
});
