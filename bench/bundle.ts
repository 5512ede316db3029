import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const ROOT = join(import.meta.dirname, "..");
const BUNDLE = join(ROOT, "dist/index.js");
const BUILD = join(ROOT, "scripts/build.ts");

/** The Worker as it would be deployed. `NEPHOS_BUNDLE` names another one, to compare two. */
export async function bundlePath(): Promise<string> {
  const given = process.env["NEPHOS_BUNDLE"];
  if (given) return given;
  if (existsSync(BUILD)) {
    const { build } = (await import(pathToFileURL(BUILD).href)) as {
      build?: (options: { quiet: boolean }) => Promise<void>;
    };
    await build?.({ quiet: true });
  }
  if (!existsSync(BUNDLE)) throw new Error(`${BUNDLE} is missing: run \`npm run build\` first.`);
  return BUNDLE;
}
