import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./bundle.ts";
import type { Used } from "./database.worker.ts";

export interface SeededInstance {
  id: string;
  token: string;
}

type Query = { sql: string; params?: (string | number | null)[] };

export const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");
export const newSecret = () => randomBytes(32).toString("base64url");

/** Answers the rows of the first statement. */
export async function query<Row = unknown>(d1Url: string, queries: Query[]): Promise<Row[]> {
  const response = await fetch(`${d1Url}/execute`, { method: "POST", body: JSON.stringify(queries) });
  if (!response.ok) throw new Error(`The database refused: ${await response.text()}`);
  const [first] = (await response.json()) as { results: Row[] }[];
  return first?.results ?? [];
}

/** What the database has counted so far. */
export async function databaseUsed(d1Url: string): Promise<Used> {
  return (await (await fetch(`${d1Url}/used`)).json()) as Used;
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
  const ids = Array.from({ length: count }, (_, i) => `bench-${String(i).padStart(4, "0")}`);
  const tokens = await seedTokens(d1Url, ids);
  return ids.map((id, i) => ({ id, token: tokens[i]! }));
}

/** One more token for each of these instances. */
export async function seedTokens(d1Url: string, instanceIds: readonly string[]): Promise<string[]> {
  const tokens = instanceIds.map((id) => ({ id, token: `nep_${newSecret()}` }));
  const sql = "INSERT INTO agent_token (id, hash, label, instance_id, created_at) VALUES (?, ?, ?, ?, ?)";
  const now = Date.now();
  await query(
    d1Url,
    tokens.map(({ id, token }) => ({ sql, params: [randomUUID(), hashOf(token), id, id, now] })),
  );
  return tokens.map(({ token }) => token);
}

/** Signs a browser in by a fresh link, as the owner; the answer is its `Cookie` header. */
export async function signIn(d1Url: string, appUrl: string): Promise<string> {
  const link = newSecret();
  const now = Date.now();
  const sql = "INSERT INTO sign_in_link (hash, created_at, expires_at) VALUES (?, ?, ?)";
  await query(d1Url, [{ sql, params: [hashOf(link), now, now + 60_000] }]);
  const response = await fetch(`${appUrl}/api/sign-in/link`, {
    method: "POST",
    headers: { origin: appUrl, "content-type": "application/json" },
    body: JSON.stringify({ token: link }),
  });
  if (!response.ok) throw new Error(`Signing in failed: ${response.status} ${await response.text()}`);
  return cookiesOf(response);
}

/** What an answer sets, as the browser sends it back. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
