import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashOf } from "../../worker/auth/secret.ts";
import { keyName, keyNumber } from "../../worker/vault/keyring.ts";
import type { DeployConfig } from "./config.ts";
import { AGAIN, Refusal } from "./refusal.ts";
import { hiddenSecret, secretNames, secretsFile, withPrivateFolder } from "./secrets.ts";
import { jsonOf, wrangler, type WranglerOptions } from "./wrangler.ts";

export const DATABASE = "nephos";
const SESSION_SECRET = "SESSION_SECRET";
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const LINK_LASTS_MS = 15 * 60_000;

interface ListedDatabase {
  readonly uuid: string;
  readonly name: string;
}

/** The id of the account's database; creates it where there is none. */
export async function ensureDatabase(options: WranglerOptions): Promise<{ id: string; created: boolean }> {
  const existing = await findDatabase(options);
  if (existing !== undefined) return { id: existing, created: false };
  await wrangler(["d1", "create", DATABASE], options);
  const created = await findDatabase(options);
  if (created !== undefined) return { id: created, created: true };
  throw new Refusal(
    `The database ${DATABASE} was created, and Cloudflare does not list it yet.`,
    "Wait a minute, " + AGAIN,
  );
}

export async function findDatabase(options: WranglerOptions): Promise<string | undefined> {
  const databases = jsonOf(await wrangler(["d1", "list", "--json"], options), "d1 list") as ListedDatabase[];
  return databases.find((database) => database.name === DATABASE)?.uuid;
}

export async function migrate(config: DeployConfig, options: WranglerOptions): Promise<void> {
  await wrangler(["d1", "migrations", "apply", DATABASE, "--remote", "--config", config.path], options);
}

/** Uploads the Worker; gives it a session secret and an encryption key where it has none, and never another one. */
export async function upload(
  config: DeployConfig,
  options: WranglerOptions,
): Promise<{ url: string; sessionSecretCreated: boolean; encryptionKeyCreated: boolean }> {
  const names = (await secretNames(config, options)) ?? [];
  const sessionSecretCreated = !names.includes(SESSION_SECRET);
  const encryptionKeyCreated = !names.some((name) => keyNumber(name) !== undefined);
  const missing = [...(sessionSecretCreated ? [SESSION_SECRET] : []), ...(encryptionKeyCreated ? [keyName(1)] : [])];
  return withPrivateFolder(async (folder) => {
    const args = ["deploy", "--config", config.path];
    if (missing.length > 0) {
      const secrets = Object.fromEntries(missing.map((name) => [name, hiddenSecret()]));
      args.push("--secrets-file", await secretsFile(folder, secrets));
    }
    const report = join(folder, "report.jsonl");
    const env = { ...options.env, WRANGLER_OUTPUT_FILE_PATH: report };
    await wrangler(args, { ...options, env });
    return { url: await addressIn(report), sessionSecretCreated, encryptionKeyCreated };
  });
}

async function addressIn(report: string): Promise<string> {
  const lines = (await readFile(report, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const entries = lines.map((line) => JSON.parse(line) as { type: string; targets?: string[] });
  const targets = entries.findLast((entry) => entry.type === "deploy")?.targets ?? [];
  // Beside addresses stand the cron triggers: "schedule: …". A workers.dev address comes without its scheme.
  const address = targets.map((target) => target.replace(/^https:\/\//, "")).find((target) => HOST.test(target));
  if (address !== undefined) return `https://${address}`;
  throw new Refusal(
    "The Worker is uploaded, but has no address.",
    "Its workers.dev address is switched off: set `workers_dev = true` in wrangler.toml, " + AGAIN,
  );
}

/** A link that signs the owner in once, within a quarter of an hour. The database gets its hash alone. */
export async function signInLink(url: string, config: DeployConfig, options: WranglerOptions): Promise<string> {
  const token = hiddenSecret();
  const now = Date.now();
  const sql =
    "INSERT INTO sign_in_link (hash, created_at, expires_at) " +
    `VALUES ('${hashOf(token)}', ${String(now)}, ${String(now + LINK_LASTS_MS)})`;
  const args = ["d1", "execute", DATABASE, "--remote", "--json", "--command", sql, "--config", config.path];
  await wrangler(args, options);
  return `${url}/sign-in#${token}`;
}
