import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { newSecret } from "../../worker/auth/secret.ts";
import type { DeployConfig } from "./config.ts";
import { failed, hide, jsonOf, tryWrangler, wrangler, type WranglerOptions } from "./wrangler.ts";

/** A new secret that nothing wrangler says will show. */
export function hiddenSecret(): string {
  const secret = newSecret();
  hide(secret);
  return secret;
}

/** The names of the Worker's secrets, which is all that Cloudflare tells of them; undefined where there is no Worker yet. */
export async function secretNames(config: DeployConfig, options: WranglerOptions): Promise<string[] | undefined> {
  const args = ["secret", "list", "--format", "json", "--config", config.path];
  const result = await tryWrangler(args, options);
  if (result.code === 0) {
    return (jsonOf(result.stdout, "secret list") as { name: string }[]).map(({ name }) => name);
  }
  const said = stripVTControlCharacters(result.stderr + result.stdout);
  if (said.includes(`Worker "${config.scriptName}" not found`)) return undefined;
  throw failed(args, result);
}

/** Gives the running Worker these secrets, and takes away those that are null; in force at once, in one step. */
export async function changeSecrets(
  changes: Record<string, string | null>,
  config: DeployConfig,
  options: WranglerOptions,
): Promise<void> {
  await withPrivateFolder(async (folder) => {
    await wrangler(["secret", "bulk", await secretsFile(folder, changes), "--config", config.path], options);
  });
}

export async function secretsFile(folder: string, secrets: Record<string, string | null>): Promise<string> {
  const file = join(folder, "secrets.json");
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600, flag: "wx" });
  return file;
}

/** Only its owner may enter the folder, and it is gone when wrangler is done, however that ends. */
export async function withPrivateFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "nephos-deploy-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
