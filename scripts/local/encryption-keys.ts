import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newSecret } from "../../worker/auth/secret.ts";
import { keyName, keyNumber } from "../../worker/vault/keyring.ts";
import { Refusal } from "./refusal.ts";

/** What the Worker is given: `ENCRYPTION_KEY_1` and so on, oldest first. */
export type EncryptionKeys = Record<string, string>;

const fileIn = (stateDir: string) => join(stateDir, "encryption-keys");

/** The keys kept in this state folder, one line each, `ENCRYPTION_KEY_1=…`; none where there is no file yet. */
export async function readEncryptionKeys(stateDir: string): Promise<EncryptionKeys> {
  const path = fileIn(stateDir);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const keys: EncryptionKeys = {};
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const [, name = "", key = ""] = /^(\w+)=([A-Za-z0-9_-]{43})\s*$/.exec(line) ?? [];
    if (keyNumber(name) === undefined) {
      throw new Refusal(
        `${path} has a line that is no key.`,
        "Each line is ENCRYPTION_KEY_<number>=<43 characters>. Bring back what it was: the secrets in the database open with nothing else.",
      );
    }
    keys[name] = key;
  }
  return keys;
}

/** The same, with a first key made where there is none. */
export async function keptEncryptionKeys(stateDir: string): Promise<EncryptionKeys> {
  const kept = await readEncryptionKeys(stateDir);
  if (Object.keys(kept).length === 0) return (await addEncryptionKey(stateDir)).keys;
  await chmod(fileIn(stateDir), 0o600);
  return kept;
}

/** Adds the next key, which is the one in use from then on. */
export async function addEncryptionKey(stateDir: string): Promise<{ name: string; keys: EncryptionKeys }> {
  const kept = await readEncryptionKeys(stateDir);
  const name = keyName(1 + Math.max(0, ...Object.keys(kept).map((name) => keyNumber(name)!)));
  const keys = { ...kept, [name]: newSecret() };
  await write(stateDir, keys);
  return { name, keys };
}

export async function removeEncryptionKeys(stateDir: string, names: readonly string[]): Promise<void> {
  const kept = Object.entries(await readEncryptionKeys(stateDir));
  await write(stateDir, Object.fromEntries(kept.filter(([name]) => !names.includes(name))));
}

/** Whole or not at all: half a file would lose keys. */
async function write(stateDir: string, keys: EncryptionKeys): Promise<void> {
  const path = fileIn(stateDir);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lines = Object.entries(keys).map(([name, key]) => `${name}=${key}\n`);
  await writeFile(`${path}.new`, lines.join(""), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
