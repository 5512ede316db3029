import { ApiError, uploadPass, type CloudflareState, type Metadata } from "./cloudflare-state.ts";

export interface Account {
  readonly id: string;
  readonly name: string;
}

type Handler = (match: Record<string, string>, request: Request) => unknown;
export type Route = readonly [method: string, pattern: URLPattern, handle: Handler];

/** Which calls there are, and what each does to the state. */
export function routesOf(state: CloudflareState, accounts: readonly Account[]): readonly Route[] {
  const route = (method: string, pathname: string, handle: Handler): Route => [
    method,
    new URLPattern({ pathname }),
    handle,
  ];
  const script = "/accounts/:account/workers/scripts/:script";
  return [
    route("GET", "/user/tokens/verify", () => ({ id: "f".repeat(32), status: "active" })),
    route("GET", "/user", () => ({ id: "e".repeat(32), email: "owner@example.com" })),
    route("GET", "/accounts", () => [...accounts]),
    route("GET", "/memberships", () => accounts.map((account) => ({ id: account.id, account, roles: [] }))),

    route("GET", "/accounts/:account/d1/database", () =>
      state.databases.map(({ uuid, name }) => ({ uuid, name, version: "production" })),
    ),
    route("POST", "/accounts/:account/d1/database", async (_, request) => state.createDatabase(await request.json())),
    route("GET", "/accounts/:account/d1/database/:database", ({ database }) => {
      const { uuid, name } = state.database(database);
      return { uuid, name, version: "production" };
    }),
    route("POST", "/accounts/:account/d1/database/:database/query", async ({ database }, request) =>
      state.query(database, await request.json()),
    ),

    route("GET", "/accounts/:account/workers/services/:script", ({ script: name }) => {
      const { migrationTag } = state.script(name);
      const facts = { id: name, migration_tag: migrationTag, tag: name, tags: [], last_deployed_from: "wrangler" };
      return { id: name, default_environment: { environment: "production", script: facts } };
    }),
    route("GET", "/accounts/:account/workers/workers/:script", ({ script: name }) => ({
      id: name,
      name,
      subdomain: state.reachability(name),
    })),
    route("GET", `${script}/secrets`, ({ script: name }) =>
      state
        .script(name)
        .bindings.filter((binding) => binding.type === "secret_text")
        .map((binding) => ({ name: binding.name, type: binding.type })),
    ),
    route("PATCH", `${script}/secrets-bulk`, async ({ script: name }, request) => {
      const { secrets } = (await request.json()) as { secrets: Record<string, { text: string } | null> };
      state.changeSecrets(name, secrets);
      return null;
    }),
    route("GET", "/accounts/:account/workers/subdomain", () => {
      if (state.subdomain === undefined) throw new ApiError(404, 10007, "There is no subdomain for this account.");
      return { subdomain: state.subdomain };
    }),
    route("POST", `${script}/assets-upload-session`, async (_, request) => state.uploadSession(await request.json())),
    route("POST", "/accounts/:account/workers/assets/upload", async (_, request) => {
      for (const hash of (await request.formData()).keys()) state.uploadedAssets.add(hash);
      return { jwt: uploadPass() };
    }),
    route("PUT", script, async ({ script: name }, request) => state.upload(name ?? "", await metadataOf(request))),
    route("POST", `${script}/versions`, async ({ script: name }, request) => {
      state.script(name);
      const version = state.upload(name ?? "", await metadataOf(request));
      return { ...version, resources: { script: { etag: "an-etag" } } };
    }),
    route("GET", `${script}/deployments`, () => ({ deployments: [] })),
    route("POST", `${script}/deployments`, () => ({ id: crypto.randomUUID() })),
    route("GET", `${script}/subdomain`, ({ script: name }) => state.reachability(name)),
    route("POST", `${script}/subdomain`, async ({ script: name }, request) => {
      const { enabled } = (await request.json()) as { enabled: boolean };
      state.script(name).hasWorkersDev = enabled;
      return state.reachability(name);
    }),
    route("PATCH", `${script}/script-settings`, () => ({})),
    route("PUT", `${script}/schedules`, async ({ script: name }, request) => {
      const schedules = (await request.json()) as { cron: string }[];
      state.script(name).crons = schedules.map(({ cron }) => cron);
      return { schedules };
    }),
  ];
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
