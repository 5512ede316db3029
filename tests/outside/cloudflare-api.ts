import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

/** One call wrangler made, without its body. */
export interface Call {
  readonly method: string;
  readonly path: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
}

interface Database {
  readonly uuid: string;
  readonly name: string;
  readonly rows: DatabaseSync;
}

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly text?: string;
  readonly id?: string;
  readonly database_id?: string;
}

interface Metadata {
  readonly main_module?: string;
  readonly compatibility_date?: string;
  readonly keep_bindings?: string[];
  readonly bindings: Binding[];
  readonly assets?: { jwt?: string };
  readonly migrations?: { new_tag: string };
}

interface Script {
  bindings: Binding[];
  migrationTag: string | undefined;
  crons: string[];
  hasWorkersDev: boolean;
}

class ApiError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Handler = (match: Record<string, string>, request: Request) => unknown;
type Route = readonly [method: string, pattern: URLPattern, handle: Handler];

const ASSET_UPLOAD_MS = 3_600_000;

/** Cloudflare's API as far as a deployment needs it, with an account behind it that remembers. D1 is real SQL. */
export class CloudflareApi {
  readonly calls: Call[] = [];
  readonly databases: Database[] = [];
  readonly scripts = new Map<string, Script>();
  /** Every value a secret was given, in order. */
  readonly secretValues: string[] = [];
  readonly uploadedAssets = new Set<string>();
  uploads = 0;
  subdomain: string | undefined = "somebody";
  /** Calls whose "METHOD /path" matches are answered with 500. */
  failing: RegExp | undefined;

  readonly accounts: readonly Account[];
  private readonly token: string;
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private readonly routes: readonly Route[] = this.routeTable();

  constructor(token: string, accounts: readonly Account[]) {
    this.token = token;
    this.accounts = accounts;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    for (const database of this.databases) database.rows.close();
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://api");
    const method = incoming.method ?? "GET";
    this.calls.push({ method, path: url.pathname });
    let status = 200;
    let body: unknown;
    try {
      const request = await received(incoming, url);
      body = { success: true, errors: [], messages: [], ...(await this.resultOf(method, url, request)) };
      if (url.pathname.includes("/workers/assets/upload")) status = 201;
    } catch (error) {
      const refused = error instanceof ApiError ? error : new ApiError(500, 10013, String(error));
      status = refused.status;
      const errors = [{ code: refused.code, message: refused.message }];
      body = { success: false, errors, messages: [], result: null };
    }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  private async resultOf(method: string, url: URL, request: Request): Promise<object> {
    this.authorize(url, request);
    if (this.failing?.test(`${method} ${url.pathname}`) === true) {
      throw new ApiError(500, 10013, "An internal error occurred");
    }
    for (const [allowed, pattern, handle] of this.routes) {
      const match = allowed === method ? pattern.exec({ pathname: url.pathname }) : null;
      if (match === null) continue;
      const groups = match.pathname.groups as Record<string, string>;
      if (groups["account"] !== undefined && !this.accounts.some(({ id }) => id === groups["account"])) {
        throw new ApiError(403, 10000, "Authentication error");
      }
      const result = await handle(groups, request);
      return Array.isArray(result) ? { result: page(result, url), result_info: pageInfo(result, url) } : { result };
    }
    throw new ApiError(404, 7003, `Could not route to ${url.pathname}, perhaps your object identifier is invalid?`);
  }

  private authorize(url: URL, request: Request): void {
    const sent = request.headers.get("authorization");
    // Files of the dashboard are sent with the pass that their upload session gave out.
    if (url.pathname.endsWith("/workers/assets/upload") && sent === `Bearer ${uploadPass()}`) return;
    if (sent === `Bearer ${this.token}`) return;
    if (url.pathname.includes("/accounts/")) throw new ApiError(403, 10000, "Authentication error");
    throw new ApiError(403, 9109, "Invalid access token");
  }

  private routeTable(): readonly Route[] {
    const route = (method: string, pathname: string, handle: Handler): Route => [
      method,
      new URLPattern({ pathname }),
      handle,
    ];
    const script = "/accounts/:account/workers/scripts/:script";
    return [
      route("GET", "/user/tokens/verify", () => ({ id: "f".repeat(32), status: "active" })),
      route("GET", "/user", () => ({ id: "e".repeat(32), email: "owner@example.com" })),
      route("GET", "/accounts", () => [...this.accounts]),
      route("GET", "/memberships", () => this.accounts.map((account) => ({ id: account.id, account, roles: [] }))),

      route("GET", "/accounts/:account/d1/database", () =>
        this.databases.map(({ uuid, name }) => ({ uuid, name, version: "production" })),
      ),
      route("POST", "/accounts/:account/d1/database", async (_, request) => this.createDatabase(await request.json())),
      route("GET", "/accounts/:account/d1/database/:database", ({ database }) => {
        const { uuid, name } = this.database(database);
        return { uuid, name, version: "production" };
      }),
      route("POST", "/accounts/:account/d1/database/:database/query", async ({ database }, request) =>
        this.query(database, await request.json()),
      ),

      route("GET", "/accounts/:account/workers/services/:script", ({ script: name }) => {
        const { migrationTag } = this.script(name);
        const facts = { id: name, migration_tag: migrationTag, tag: name, tags: [], last_deployed_from: "wrangler" };
        return { id: name, default_environment: { environment: "production", script: facts } };
      }),
      route("GET", "/accounts/:account/workers/workers/:script", ({ script: name }) => ({
        id: name,
        name,
        subdomain: this.reachability(name),
      })),
      route("GET", `${script}/secrets`, ({ script: name }) =>
        this.script(name)
          .bindings.filter((binding) => binding.type === "secret_text")
          .map((binding) => ({ name: binding.name, type: binding.type })),
      ),
      route("GET", "/accounts/:account/workers/subdomain", () => {
        if (this.subdomain === undefined) throw new ApiError(404, 10007, "There is no subdomain for this account.");
        return { subdomain: this.subdomain };
      }),
      route("POST", `${script}/assets-upload-session`, async (_, request) => this.uploadSession(await request.json())),
      route("POST", "/accounts/:account/workers/assets/upload", async (_, request) => {
        for (const hash of (await request.formData()).keys()) this.uploadedAssets.add(hash);
        return { jwt: uploadPass() };
      }),
      route("PUT", script, async ({ script: name }, request) => this.upload(name ?? "", await metadataOf(request))),
      route("POST", `${script}/versions`, async ({ script: name }, request) => {
        this.script(name);
        const version = this.upload(name ?? "", await metadataOf(request));
        return { ...version, resources: { script: { etag: "an-etag" } } };
      }),
      route("GET", `${script}/deployments`, () => ({ deployments: [] })),
      route("POST", `${script}/deployments`, () => ({ id: crypto.randomUUID() })),
      route("GET", `${script}/subdomain`, ({ script: name }) => this.reachability(name)),
      route("POST", `${script}/subdomain`, async ({ script: name }, request) => {
        const { enabled } = (await request.json()) as { enabled: boolean };
        this.script(name).hasWorkersDev = enabled;
        return this.reachability(name);
      }),
      route("PATCH", `${script}/script-settings`, () => ({})),
      route("PUT", `${script}/schedules`, async ({ script: name }, request) => {
        const schedules = (await request.json()) as { cron: string }[];
        this.script(name).crons = schedules.map(({ cron }) => cron);
        return { schedules };
      }),
    ];
  }

  private createDatabase(body: unknown): object {
    const { name } = body as { name?: unknown };
    if (typeof name !== "string") throw new ApiError(400, 7400, "A database needs a name");
    if (this.databases.some((database) => database.name === name)) {
      throw new ApiError(400, 7502, `A database with the name '${name}' already exists`);
    }
    const uuid = crypto.randomUUID();
    this.databases.push({ uuid, name, rows: new DatabaseSync(":memory:") });
    return { uuid, name, created_at: new Date().toISOString(), version: "production" };
  }

  private query(id: string | undefined, body: unknown): object[] {
    const { sql, params } = body as { sql: string; params?: string[] };
    const { rows } = this.database(id);
    try {
      if (params !== undefined && params.length > 0) {
        return [{ success: true, results: rows.prepare(sql).all(...params), meta: { duration: 0 } }];
      }
      // One statement may answer; several, like a migration, are only carried out.
      const isSingle = !sql.trim().replace(/;$/, "").includes(";");
      const results = isSingle ? rows.prepare(sql).all() : (rows.exec(sql), []);
      return [{ success: true, results, meta: { duration: 0 } }];
    } catch (error) {
      throw new ApiError(400, 7500, error instanceof Error ? error.message : String(error));
    }
  }

  private uploadSession(body: unknown): object {
    const { manifest } = body as { manifest: Record<string, { hash: string }> };
    const wanted = Object.values(manifest).map(({ hash }) => hash);
    const missing = [...new Set(wanted)].filter((hash) => !this.uploadedAssets.has(hash));
    return { jwt: uploadPass(), buckets: missing.length === 0 ? [] : [missing] };
  }

  private upload(name: string, metadata: Metadata): object {
    const before = this.scripts.get(name);
    const kept = (before?.bindings ?? []).filter(
      ({ type, name: secret }) =>
        type === "secret_text" &&
        !metadata.bindings.some((binding) => binding.name === secret && binding.type !== "inherit") &&
        (metadata.keep_bindings?.includes(type) === true ||
          metadata.bindings.some((binding) => binding.name === secret)),
    );
    for (const binding of metadata.bindings) {
      if (binding.type === "secret_text") this.secretValues.push(binding.text ?? "");
      const database = binding.database_id ?? binding.id;
      if (binding.type === "d1") this.database(database);
    }
    if (metadata.migrations !== undefined && metadata.migrations.new_tag === before?.migrationTag) {
      throw new ApiError(400, 10079, "The migration was applied already");
    }
    this.uploads += 1;
    this.scripts.set(name, {
      bindings: [...metadata.bindings.filter((binding) => binding.type !== "inherit"), ...kept],
      migrationTag: metadata.migrations?.new_tag ?? before?.migrationTag,
      crons: before?.crons ?? [],
      hasWorkersDev: before?.hasWorkersDev ?? false,
    });
    const id = crypto.randomUUID();
    return { id, tag: name, pipeline_hash: id, deployment_id: id, startup_time_ms: 1, mutable_pipeline_id: id };
  }

  private reachability(name: string | undefined): object {
    const enabled = this.script(name).hasWorkersDev;
    return { enabled, previews_enabled: enabled };
  }

  private script(name: string | undefined): Script {
    const found = this.scripts.get(name ?? "");
    if (found === undefined) throw new ApiError(404, 10007, "This Worker does not exist on your account.");
    return found;
  }

  private database(id: string | undefined): Database {
    const found = this.databases.find((database) => database.uuid === id);
    if (found === undefined) throw new ApiError(404, 7404, `The database ${id ?? ""} could not be found`);
    return found;
  }
}

async function received(incoming: IncomingMessage, url: URL): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const method = incoming.method ?? "GET";
  return new Request(url, { method, headers, ...(method === "GET" ? {} : { body: Buffer.concat(chunks) }) });
}

async function metadataOf(request: Request): Promise<Metadata> {
  const form = await request.formData();
  const metadata = form.get("metadata");
  const text = typeof metadata === "string" ? metadata : await metadata?.text();
  const parsed = JSON.parse(text ?? "null") as Metadata | null;
  if (parsed === null) throw new ApiError(400, 10021, "The upload has no metadata");
  if (parsed.main_module === undefined || !form.has(parsed.main_module)) {
    throw new ApiError(400, 10021, "The upload has no main module");
  }
  if (parsed.compatibility_date === undefined) throw new ApiError(400, 10021, "The upload has no compatibility date");
  return parsed;
}

/** An unsigned token of the shape the upload session gives out. */
function uploadPass(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ lasts: ASSET_UPLOAD_MS })}.`;
}

function page(rows: readonly unknown[], url: URL): unknown[] {
  const { page: number, perPage } = asked(url);
  return rows.slice((number - 1) * perPage, number * perPage);
}

function pageInfo(rows: readonly unknown[], url: URL): object {
  const { page: number, perPage } = asked(url);
  const total_pages = Math.max(1, Math.ceil(rows.length / perPage));
  return { page: number, per_page: perPage, count: page(rows, url).length, total_count: rows.length, total_pages };
}

function asked(url: URL): { page: number; perPage: number } {
  return { page: Number(url.searchParams.get("page") ?? 1), perPage: Number(url.searchParams.get("per_page") ?? 20) };
}
