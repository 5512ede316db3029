import { createHash } from "node:crypto";
import { access, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Made, not written: a change in them is no change of the source. */
const MADE = new Set(["node_modules", "build", ".svelte-kit", "worker-configuration.d.ts"]);

/** SHA-256 over names and contents of files and folders; what is not there counts as empty. */
export async function fingerprint(root: string, inputs: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const path of await filesOf(join(root, input))) {
      hash.update(`${path.slice(root.length)}\0`);
      hash.update(await readFile(path));
      hash.update("\0");
    }
  }
  return hash.digest("hex");
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (found.isFile()) return isTest(path) ? [] : [path];
  const names = (await readdir(path)).filter((name) => !MADE.has(name)).sort();
  return (await Promise.all(names.map((name) => filesOf(join(path, name))))).flat();
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
