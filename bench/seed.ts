import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";

export interface SeededInstance {
  id: string;
  token: string;
}

type Query = { sql: string; params?: (string | number)[] };

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");

async function query(d1Url: string, queries: Query[]): Promise<void> {
  const response = await fetch(`${d1Url}/execute`, { method: "POST", body: JSON.stringify(queries) });
  if (!response.ok) throw new Error(`The database refused: ${await response.text()}`);
}

/** The tables, as the repository's own migrations make them. */
export async function migrate(d1Url: string): Promise<void> {
  const folder = join(ROOT, "drizzle");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const file of files) {
    const statements = (await readFile(join(folder, file), "utf8")).split("--> statement-breakpoint");
    await query(
      d1Url,
      statements.map((sql) => ({ sql })),
    );
  }
}

/** The table of the plain way: one row a sample, and no index beside it. */
export async function makeRowPerRequestTable(d1Url: string): Promise<void> {
  const sql = `CREATE TABLE sample (instance_id TEXT NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
    metrics TEXT NOT NULL, PRIMARY KEY (instance_id, at)) WITHOUT ROWID`;
  await query(d1Url, [{ sql }]);
}

/** Instances with a token each, bound as if they had reported before. */
export async function seedInstances(d1Url: string, count: number): Promise<SeededInstance[]> {
  const instances = Array.from({ length: count }, (_, i) => ({
    id: `bench-${String(i).padStart(4, "0")}`,
    token: `nep_${randomBytes(32).toString("base64url")}`,
  }));
  const sql = "INSERT INTO agent_token (id, hash, label, instance_id, created_at) VALUES (?, ?, ?, ?, ?)";
  const now = Date.now();
  await query(
    d1Url,
    instances.map(({ id, token }) => ({ sql, params: [`token-${id}`, hashOf(token), id, id, now] })),
  );
  return instances;
}

/** Signs a browser in by a fresh link; the answer is its `Cookie` header. */
export async function signIn(d1Url: string, appUrl: string): Promise<string> {
  const link = randomBytes(32).toString("base64url");
  const now = Date.now();
  const sql = "INSERT INTO sign_in_link (hash, created_at, expires_at) VALUES (?, ?, ?)";
  await query(d1Url, [{ sql, params: [hashOf(link), now, now + 60_000] }]);
  const response = await fetch(`${appUrl}/api/session`, {
    method: "POST",
    headers: { origin: appUrl, "content-type": "application/json" },
    body: JSON.stringify({ token: link }),
  });
  if (!response.ok) throw new Error(`Signing in failed: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
