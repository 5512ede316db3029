import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { Refusal } from "./refusal.ts";

/** Paths in wrangler.toml; wrangler reads them from the folder of the file they stand in. */
const PATHS = ["main", "directory", "migrations_dir"] as const;

export interface DeployConfig {
  readonly path: string;
  readonly scriptName: string;
}

/** The tracked wrangler.toml with the account's own database, in a file of its own that git does not see. */
export async function writeConfig(root: string, databaseId: string): Promise<DeployConfig> {
  const path = join(root, ".nephos", "deploy", "wrangler.toml");
  const source = await readFile(join(root, "wrangler.toml"), "utf8");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, filledIn(source, root, dirname(path), databaseId));
  return { path, scriptName: valueOf(source, "name") };
}

export function filledIn(source: string, root: string, folder: string, databaseId: string): string {
  let filled = replaced(source, "database_id", databaseId);
  for (const key of PATHS) {
    const target = relative(folder, resolve(root, valueOf(source, key)));
    filled = replaced(filled, key, target.split(sep).join("/"));
  }
  return `# Written by \`npm run deploy\` from wrangler.toml: change that one.\n${filled}`;
}

function valueOf(source: string, key: string): string {
  const value = line(key).exec(source)?.[2];
  if (value === undefined) {
    throw new Refusal(`wrangler.toml has no line \`${key} = "…"\`.`, "Restore it: `git checkout wrangler.toml`.");
  }
  return value;
}

function replaced(source: string, key: string, value: string): string {
  valueOf(source, key);
  return source.replace(line(key), (_, before: string) => before + JSON.stringify(value));
}

function line(key: string): RegExp {
  return new RegExp(`^(${key}\\s*=\\s*)"([^"]*)"`, "m");
}
