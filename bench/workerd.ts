import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { bundlePath, ROOT } from "./bundle.ts";
import { capnp, SOCKET_NAMES, type SocketName } from "./capnp.ts";

const HERE = import.meta.dirname;
const START_WITHIN_MS = 20_000;

const bundled = {
  bundle: true,
  format: "esm",
  target: "es2024",
  external: ["cloudflare:*", "node:*"],
  logLevel: "warning",
  loader: { ".sql": "text" },
} satisfies BuildOptions;

/** One plain workerd with Nephos, a D1 back end and the baselines in it, each behind a loopback port of its own. */
export interface Workerd {
  url: Record<SocketName, string>;
  pid: number;
  stop(): Promise<void>;
}

/** `appEntry`: a module of this folder in the place of the Worker, for a bench that needs more of it than its own routes. */
export async function startWorkerd({ appEntry }: { appEntry?: string } = {}): Promise<Workerd> {
  const app = appEntry === undefined ? await bundlePath() : undefined;
  const folder = await mkdtemp(join(tmpdir(), "nephos-bench-"));
  try {
    await build({
      entryPoints: {
        database: join(HERE, "database.worker.ts"),
        validate: join(HERE, "baseline/validate.ts"),
        authorised: join(HERE, "baseline/authorised.ts"),
        "row-per-request": join(HERE, "baseline/row-per-request.ts"),
        "row-per-sample": join(HERE, "baseline/row-per-sample.ts"),
        flush: join(HERE, "flush.worker.ts"),
      },
      ...bundled,
      outdir: folder,
    });
    await build({
      entryPoints: {
        ungated: join(ROOT, "worker/index.ts"),
        ...(appEntry !== undefined && { app: join(HERE, appEntry) }),
      },
      ...bundled,
      outdir: folder,
      conditions: ["workerd", "worker", "browser"],
      // As wrangler does it, so that the two bundles differ in the gate alone.
      keepNames: true,
      plugins: [openGate],
    });
    await Promise.all(["d1", "shard"].map((name) => mkdir(join(folder, name))));
    if (app !== undefined) await copyFile(app, join(folder, "app.js"));
    const config = join(folder, "workerd.capnp");
    await writeFile(config, await capnp(folder));
    const child = spawn(workerdBinary(), ["serve", config, "--control-fd=3"], {
      // Its log goes where ours does: stdout is for the figures.
      stdio: ["ignore", process.stderr, process.stderr, "pipe"],
    });
    const stop = async () => {
      await end(child);
      await rm(folder, { recursive: true });
    };
    try {
      return { url: await listening(child), pid: child.pid!, stop };
    } catch (error) {
      await end(child);
      throw error;
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Puts `baseline/open-gate.mjs` in the place of the gate, wherever the Worker asks for it. */
const openGate: Plugin = {
  name: "open-gate",
  setup(setup) {
    const path = join(HERE, "baseline/open-gate.mjs");
    setup.onResolve({ filter: /\/gate\.ts$/ }, ({ importer }) => (importer === path ? undefined : { path }));
  },
};

/** The binary itself, not the Node script around it: the signal must reach it. */
function workerdBinary(): string {
  return (createRequire(import.meta.url)("workerd") as { default: string }).default;
}

/** Every socket's address, as workerd reports it when it listens. */
async function listening(child: ChildProcess): Promise<Record<SocketName, string>> {
  const url = Object.fromEntries(SOCKET_NAMES.map((name) => [name, ""])) as Record<SocketName, string>;
  const timer = setTimeout(() => child.kill("SIGKILL"), START_WITHIN_MS);
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { event, socket, port } = JSON.parse(line) as { event: string; socket: SocketName; port: number };
    if (event === "listen") url[socket] = `http://127.0.0.1:${port}`;
    if (Object.values(url).every(Boolean)) {
      clearTimeout(timer);
      return url;
    }
  }
  clearTimeout(timer);
  throw new Error("workerd did not start; what it said is above.");
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(timer);
}
