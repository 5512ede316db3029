import { DatabaseSync } from "node:sqlite";

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

export interface Metadata {
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

export class ApiError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const ASSET_UPLOAD_MS = 3_600_000;

/** What Cloudflare keeps of an account and does to it: databases, which are real SQL, Workers and their secrets, assets. */
export class CloudflareState {
  readonly databases: Database[] = [];
  readonly scripts = new Map<string, Script>();
  /** Every value a secret was given, in order. */
  readonly secretValues: string[] = [];
  readonly uploadedAssets = new Set<string>();
  uploads = 0;
  subdomain: string | undefined = "somebody";

  createDatabase(body: unknown): object {
    const { name } = body as { name?: unknown };
    if (typeof name !== "string") throw new ApiError(400, 7400, "A database needs a name");
    if (this.databases.some((database) => database.name === name)) {
      throw new ApiError(400, 7502, `A database with the name '${name}' already exists`);
    }
    const uuid = crypto.randomUUID();
    this.databases.push({ uuid, name, rows: new DatabaseSync(":memory:") });
    return { uuid, name, created_at: new Date().toISOString(), version: "production" };
  }

  query(id: string | undefined, body: unknown): object[] {
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

  uploadSession(body: unknown): object {
    const { manifest } = body as { manifest: Record<string, { hash: string }> };
    const wanted = Object.values(manifest).map(({ hash }) => hash);
    const missing = [...new Set(wanted)].filter((hash) => !this.uploadedAssets.has(hash));
    return { jwt: uploadPass(), buckets: missing.length === 0 ? [] : [missing] };
  }

  upload(name: string, metadata: Metadata): object {
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

  changeSecrets(name: string | undefined, secrets: Record<string, { text: string } | null>): void {
    const script = this.script(name);
    for (const [secret, value] of Object.entries(secrets)) {
      if (value === null && !script.bindings.some((binding) => binding.name === secret)) {
        throw new ApiError(404, 10056, `The secret ${secret} is not there`);
      }
      script.bindings = script.bindings.filter((binding) => binding.name !== secret);
      if (value === null) continue;
      this.secretValues.push(value.text);
      script.bindings.push({ type: "secret_text", name: secret, text: value.text });
    }
  }

  /** Name → value, as the Worker would see them. */
  secretsOf(name: string): Record<string, string> {
    const secrets = this.script(name).bindings.filter(({ type }) => type === "secret_text");
    return Object.fromEntries(secrets.map((binding) => [binding.name, binding.text ?? ""]));
  }

  reachability(name: string | undefined): object {
    const enabled = this.script(name).hasWorkersDev;
    return { enabled, previews_enabled: enabled };
  }

  script(name: string | undefined): Script {
    const found = this.scripts.get(name ?? "");
    if (found === undefined) throw new ApiError(404, 10007, "This Worker does not exist on your account.");
    return found;
  }

  database(id: string | undefined): Database {
    const found = this.databases.find((database) => database.uuid === id);
    if (found === undefined) throw new ApiError(404, 7404, `The database ${id ?? ""} could not be found`);
    return found;
  }
}

/** An unsigned token of the shape the upload session gives out. */
export function uploadPass(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ lasts: ASSET_UPLOAD_MS })}.`;
}
