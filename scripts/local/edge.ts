import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { ONLY_SHARD } from "../../worker/live/shard-of.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";

export const HOST = "127.0.0.1";

export interface EdgeOptions {
  root: string;
  port: number;
  stateDir: string;
  mode: "live" | "demo";
  sessionSecret: string;
  encryptionKeys: EncryptionKeys;
  /** What probers ask when nothing else answers; absent: as wrangler.toml says. */
  controlUrls?: string;
}

export interface Edge {
  db: D1Database;
  /** Runs the Worker's cron handler; rejects where it failed. */
  tick(at: number): Promise<void>;
  /** Writes what waits in memory into its blocks. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** The Worker as the edge would run it: same bundle, same wiring, in workerd, with its database below `stateDir`. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  // Told here what wrangler.toml requires; otherwise it would warn of a missing secret.
  process.env["SESSION_SECRET"] = options.sessionSecret;
  const { workerOptions } = silently(() => unstable_getMiniflareWorkerOptions(join(options.root, "wrangler.toml")));
  delete process.env["SESSION_SECRET"];
  const dist = join(options.root, "dist");
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js"));
  // The main module is the first one.
  names.sort((a, b) => Number(b === "index.js") - Number(a === "index.js"));
  const modules = await Promise.all(
    names.map(async (name) => ({
      type: "ESModule" as const,
      path: name,
      contents: await readFile(join(dist, name), "utf8"),
    })),
  );
  const converted = convertV4MiniflareOptions({
    ...workerOptions,
    rootPath: options.root,
    modules,
    bindings: {
      ...(workerOptions.bindings as Record<string, string> | undefined),
      NEPHOS_MODE: options.mode,
      // Every region is this machine, and the dashboard says so.
      NEPHOS_PLACE: "local",
      SESSION_SECRET: options.sessionSecret,
      ...(options.controlUrls !== undefined && { CONTROL_URLS: options.controlUrls }),
      ...options.encryptionKeys,
    },
    name: "nephos",
    host: HOST,
    port: options.port,
    cf: false,
    logRequests: false,
    log: new Log(LogLevel.WARN),
    telemetry: { enabled: false },
    resourcePersistencePath: join(options.stateDir, "data"),
  } as Parameters<typeof convertV4MiniflareOptions>[0]);
  const miniflare = new Miniflare(converted);
  await miniflare.ready;
  return {
    db: (await miniflare.getD1Database("DB")) as unknown as D1Database,
    tick: async (at) => {
      const worker = await miniflare.getWorker();
      const { outcome } = await worker.scheduled({ cron: "*/2 * * * *", scheduledTime: new Date(at) });
      if (outcome !== "ok") throw new Error(`outcome ${outcome}`);
    },
    flush: async () => {
      const fleet = await miniflare.getDurableObjectNamespace("FLEET");
      await (fleet.get(fleet.idFromName(ONLY_SHARD)) as unknown as { flush(): Promise<void> }).flush();
    },
    stop: () => miniflare.dispose(),
  };
}

/** Wrangler tells on the console where it took its values from: true, and of no interest here. */
function silently<Value>(read: () => Value): Value {
  const { log, info } = console;
  console.log = console.info = () => {};
  try {
    return read();
  } finally {
    Object.assign(console, { log, info });
  }
}
