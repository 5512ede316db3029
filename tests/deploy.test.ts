import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CloudflareApi, type Account } from "./outside/cloudflare-api.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const TOKEN = "a-token-that-may-do-all-that-is-needed";
const ACCOUNT: Account = { id: "0123456789abcdef0123456789abcdef", name: "Somebody" };
const OTHER: Account = { id: "fedcba9876543210fedcba9876543210", name: "Somebody's other" };
const LIMIT_MS = 180_000;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let api: CloudflareApi;
let address: string;
/** Holds what wrangler and the deployment keep outside the repository, so that leftovers can be seen. */
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "nephos-deploy-test-"));
  await open([ACCOUNT]);
});

afterEach(async () => {
  await api.close();
  await rm(home, { recursive: true, force: true });
});

async function open(accounts: readonly Account[]): Promise<void> {
  api = new CloudflareApi(TOKEN, accounts);
  address = await api.listen();
}

function deploy(env: Record<string, string> = { CLOUDFLARE_API_TOKEN: TOKEN }): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CLOUDFLARE|CF|WRANGLER|VITEST)_?/.test(name));
  const child = spawn(process.execPath, [join(ROOT, "scripts", "deploy.ts")], {
    cwd: ROOT,
    env: {
      ...Object.fromEntries(inherited),
      XDG_CONFIG_HOME: home,
      HOME: home,
      TMPDIR: home,
      TEMP: home,
      CLOUDFLARE_API_BASE_URL: address,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      done({ code, stdout, stderr });
    });
  });
}

function links(): { hash: string; created_at: number; expires_at: number; used_at: number | null }[] {
  const sql = "SELECT * FROM sign_in_link ORDER BY created_at";
  return (api.databases[0]?.rows.prepare(sql).all() ?? []) as ReturnType<typeof links>;
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
  const rows = api.databases[0]?.rows.prepare("SELECT name FROM d1_migrations ORDER BY name").all() ?? [];
  const files = await readdir(join(ROOT, "drizzle"));
  return {
    applied: rows.map((row) => String(row["name"])),
    expected: files.filter((file) => file.endsWith(".sql")).sort(),
  };
}

function created(): string[] {
  return api.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

async function leftovers(): Promise<string[]> {
  return (await readdir(home)).filter((name) => name.startsWith("nephos-deploy-"));
}

describe("npm run deploy", { timeout: LIMIT_MS }, () => {
  test("makes everything in a fresh account once, and keeps it when run again", async () => {
    const first = await deploy();
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("7/7");
    expect(api.databases.map(({ name }) => name)).toEqual(["nephos"]);
    const { applied, expected } = await appliedMigrations();
    expect(applied).toEqual(expected);

    const script = api.scripts.get("nephos");
    expect(api.uploads).toBe(1);
    expect(script?.crons).toEqual(["*/2 * * * *"]);
    expect(script?.hasWorkersDev).toBe(true);
    expect(script?.bindings.find(({ type }) => type === "d1")).toMatchObject({ name: "DB" });
    const [secret] = api.secretValues;
    expect(Buffer.from(secret ?? "", "base64url")).toHaveLength(32);
    expect(first.stdout + first.stderr).not.toContain(secret);
    expect(await leftovers()).toEqual([]);

    const [link] = links();
    expect(printedLink(first)).toEqual({ url: "https://nephos.somebody.workers.dev", hash: link?.hash });
    expect((link?.expires_at ?? 0) - (link?.created_at ?? 0)).toBe(15 * 60_000);
    expect(link?.used_at).toBeNull();

    const second = await deploy();
    expect(second.stderr).toBe("");
    expect(second.code).toBe(0);
    expect(api.databases).toHaveLength(1);
    expect(await appliedMigrations()).toEqual({ applied, expected });
    expect(api.uploads).toBe(2);
    expect(api.secretValues).toEqual([secret]);
    expect(api.scripts.get("nephos")?.bindings).toContainEqual(expect.objectContaining({ name: "SESSION_SECRET" }));
    expect(links().map(({ hash }) => hash)).toEqual([link?.hash, printedLink(second).hash]);
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
    await api.close();
    await open([ACCOUNT, OTHER]);
    const undecided = await deploy();
    expect(undecided.code).toBe(1);
    expect(undecided.stderr).toContain("CLOUDFLARE_ACCOUNT_ID");
    expect(undecided.stderr).toContain(OTHER.id);
    expect(created()).toEqual([]);

    const decided = await deploy({ CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: OTHER.id });
    expect(decided.stderr).toBe("");
    expect(created().filter((call) => !call.includes(` /accounts/${OTHER.id}/`))).toEqual([]);
    expect(api.uploads).toBe(1);
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
    expect(stopped.stderr).toContain("npm run deploy");
    expect(stopped.stdout).not.toContain("/sign-in#");
    expect(await leftovers()).toEqual([]);

    api.failing = undefined;
    const resumed = await deploy();
    expect(resumed.stderr).toBe("");
    expect(resumed.code).toBe(0);
    expect(api.databases).toHaveLength(1);
    expect(api.secretValues).toHaveLength(1);
    expect(printedLink(resumed).hash).toBe(links()[0]?.hash);
  });
});
