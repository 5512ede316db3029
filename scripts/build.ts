import { spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildAgent } from "../agent/build.ts";
import { fingerprint, isThere } from "./local/fingerprint.ts";

const ROOT = join(import.meta.dirname, "..");
const STAMPS = join(ROOT, ".nephos/build");

/** Wrangler neither asks, reports nor looks for its own updates: a build is the same with and without a network. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  CI: "1",
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
};

interface Part {
  name: string;
  inputs: string[];
  output: string;
  make: (quiet: boolean) => Promise<void>;
}

// In this order: the dashboard's build empties web/build, and wrangler wants it to be there.
const PARTS: Part[] = [
  { name: "dashboard", inputs: ["web", "contract"], output: "web/build/index.html", make: buildWeb },
  { name: "agent", inputs: ["agent", "contract"], output: "web/build/agent/nephos-agent.mjs", make: bundleAgent },
  {
    name: "worker",
    inputs: ["worker", "contract", "snowflake", "wrangler.toml", "drizzle"],
    output: "dist/index.js",
    make: bundleWorker,
  },
];

/** Builds what changed since the last time. */
export async function build({ quiet = false } = {}): Promise<void> {
  await mkdir(STAMPS, { recursive: true });
  for (const part of PARTS) {
    const stampPath = join(STAMPS, part.name);
    const stamp = await fingerprint(ROOT, [...part.inputs, "package.json", "package-lock.json"]);
    const known = await readFile(stampPath, "utf8").catch(() => "");
    if (known === stamp && (await isThere(join(ROOT, part.output)))) continue;
    const startedAt = performance.now();
    if (!quiet) process.stdout.write(`Building the ${part.name} … `);
    await rm(stampPath, { force: true });
    await part.make(quiet);
    await writeFile(stampPath, stamp);
    if (!quiet) console.log(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

async function buildWeb(): Promise<void> {
  await run("web", "@sveltejs/kit/svelte-kit.js", ["sync"]);
  await run("web", "vite/bin/vite.js", ["build"]);
}

async function bundleAgent(): Promise<void> {
  const folder = join(ROOT, "web/build/agent");
  await rm(folder, { recursive: true, force: true });
  await buildAgent(folder);
  // Where `curl HOST/install.sh` looks for it.
  await rename(join(folder, "install.sh"), join(ROOT, "web/build/install.sh"));
}

async function bundleWorker(): Promise<void> {
  const fresh = join(ROOT, ".nephos/build/dist");
  await rm(fresh, { recursive: true, force: true });
  await run(".", "wrangler/bin/wrangler.js", ["deploy", "--dry-run", "--outdir", fresh]);
  await inlineTexts(fresh);
  // A bundle that failed half-way must not be taken for one.
  await rm(join(ROOT, "dist"), { recursive: true, force: true });
  await cp(fresh, join(ROOT, "dist"), { recursive: true });
}

/** wrangler leaves SQL that is imported as text in files of its own; one file is easier to start anywhere, to measure and to compare. */
async function inlineTexts(folder: string): Promise<void> {
  const bundle = join(folder, "index.js");
  let code = await readFile(bundle, "utf8");
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql"))) {
    const text = JSON.stringify(await readFile(join(folder, name), "utf8"));
    const before = code;
    code = code.replace(`} from "./${name}";`, () => `} = { default: ${text} };`);
    code = code.replace(/^import \{ default as (\w+) \} = /m, "const { default: $1 } = ");
    if (code === before || code.includes(name))
      throw new Error(`The bundle takes ${name} in a way that is not known here.`);
    await rm(join(folder, name));
  }
  await writeFile(bundle, code);
}

/** Runs a program of node_modules with this very Node; its words are shown only where it fails. */
async function run(folder: string, script: string, args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, "node_modules", script), ...args], {
    cwd: join(ROOT, folder),
    env: { ...process.env, ...QUIET_WRANGLER },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (words += String(chunk)));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${script} ${args.join(" ")} failed (${code}):\n${words.trim()}`);
}

if (import.meta.main) {
  await build().catch((error: Error) => {
    console.error(`\nThe build failed: ${error.message}`);
    process.exitCode = 1;
  });
}
