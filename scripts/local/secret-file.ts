import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A secret made once and kept for its owner's eyes only. */
export async function keptSecret(path: string, make: () => string): Promise<string> {
  const kept = (await readFile(path, "utf8").catch(() => "")).trim();
  if (kept) {
    await chmod(path, 0o600);
    return kept;
  }
  const secret = make();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}
