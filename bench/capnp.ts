import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";

const SOCKETS = {
  app: "app",
  d1: "d1",
  validate: "validate",
  authorised: "authorised",
  ungated: "ungated",
  rowPerRequest: "row-per-request",
  rowPerSample: "row-per-sample",
  flush: "flush",
} as const;
export type SocketName = keyof typeof SOCKETS;
export const SOCKET_NAMES = Object.keys(SOCKETS) as SocketName[];
/** Nothing of a bench leaves this machine: the fakes answer, or nobody does. See also the service `internet`. */
const CONTROL_URL = "http://127.0.0.1:9";
/** Known here too, so that a bench can make cookies. */
export const SESSION_SECRET = "only-of-this-bench-and-of-32-characters-or-more";

/** The wiring of `wrangler.toml` in workerd's own words; the Worker's bundle goes in unchanged. */
export async function capnp(folder: string): Promise<string> {
  const date = await compatibilityDate();
  const plain = (name: string, more = "") => `  (name = "${name}", worker = (
    modules = [(name = "${name}.js", esModule = embed "${name}.js")], compatibilityDate = "${date}"${more})),`;
  const d1 = `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api",
      innerBindings = [(name = "fetcher", service = "d1")]))`;
  const variables = `
      ${d1},
      (name = "ASSETS", service = "assets"),
      (name = "NEPHOS_MODE", text = "live"),
      (name = "NEPHOS_PLACE", text = "local"),
      (name = "CONTROL_URLS", text = "${CONTROL_URL}"),
      (name = "SESSION_SECRET", text = "${SESSION_SECRET}"),
      (name = "ENCRYPTION_KEY_1", text = "${randomBytes(32).toString("base64url")}")`;
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (services = [
  (name = "app", worker = (
    modules = [(name = "index.js", esModule = embed "app.js")],
    compatibilityDate = "${date}",
    bindings = [${variables},
      (name = "FLEET", durableObjectNamespace = "FleetShard"),
      (name = "SIGN_IN_DESK", durableObjectNamespace = "SignInDesk"),
      (name = "SENTINEL", durableObjectNamespace = "Sentinel"),
      (name = "PROBER", durableObjectNamespace = "RegionalProber")],
    durableObjectNamespaces = [
      (className = "FleetShard", uniqueKey = "nephos-bench-shard", enableSql = true),
      (className = "SignInDesk", uniqueKey = "nephos-bench-desk", enableSql = true),
      (className = "Sentinel", uniqueKey = "nephos-bench-sentinel", enableSql = true),
      (className = "RegionalProber", uniqueKey = "nephos-bench-prober", enableSql = true)],
    durableObjectStorage = (localDisk = "shard-disk"))),
  (name = "ungated", worker = (
    modules = [(name = "ungated.js", esModule = embed "ungated.js")],
    compatibilityDate = "${date}",
    bindings = [${variables},
      (name = "FLEET", durableObjectNamespace = (className = "FleetShard", serviceName = "app")),
      (name = "SIGN_IN_DESK", durableObjectNamespace = (className = "SignInDesk", serviceName = "app")),
      (name = "SENTINEL", durableObjectNamespace = (className = "Sentinel", serviceName = "app")),
      (name = "PROBER", durableObjectNamespace = (className = "RegionalProber", serviceName = "app"))])),
  (name = "d1", worker = (
    modules = [(name = "database.worker.js", esModule = embed "database.js")],
    compatibilityDate = "${date}",
    bindings = [(name = "DATABASE", durableObjectNamespace = "Database")],
    durableObjectNamespaces = [(className = "Database", uniqueKey = "nephos-bench-d1", enableSql = true, preventEviction = true)],
    durableObjectStorage = (localDisk = "d1-disk"))),
${plain("validate")}
${plain("authorised")}
${plain("row-per-request", `, bindings = [${d1}]`)}
${plain("row-per-sample", `, bindings = [${d1}]`)}
${plain("flush", `, bindings = [(name = "FLEET", durableObjectNamespace = (className = "FleetShard", serviceName = "app"))]`)}
  (name = "assets", worker = (serviceWorkerScript =
    "addEventListener('fetch', (event) => event.respondWith(new Response('no assets here', { status: 404 })))",
    compatibilityDate = "${date}")),
  (name = "internet", network = (allow = ["local"])),
  (name = "d1-disk", disk = (path = "${join(folder, "d1")}", writable = true)),
  (name = "shard-disk", disk = (path = "${join(folder, "shard")}", writable = true)),
], sockets = [
${Object.entries(SOCKETS)
  .map(([socket, service]) => `  (name = "${socket}", address = "127.0.0.1:0", http = (), service = "${service}"),`)
  .join("\n")}
]);
`;
}

async function compatibilityDate(): Promise<string> {
  const toml = await readFile(join(ROOT, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "([^"]+)"/m.exec(toml)?.[1];
  if (!date) throw new Error("wrangler.toml names no compatibility_date.");
  return date;
}
