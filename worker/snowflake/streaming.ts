import type { EpochMs } from "../../contract/units.ts";
import { baseUrlOf } from "./access.ts";
import type { SnowflakeClient } from "./client.ts";
import { SnowflakeProblem } from "./problem.ts";
import { problemOf } from "./refusal.ts";
import { notUnderstood } from "./refusal-words.ts";
import { ask, refusalOf, type Answer } from "./request.ts";
import { STREAMING_BYTES_MAX } from "./row-packer.ts";

/** Where rows go: a table of the connection's database. */
export interface StreamingTable {
  schema: string;
  table: string;
}

/**
 * Appends rows to a table; when it returns they are durable. `packed` is what a `RowPacker` made of them; what is sent again is sent from
 * these bytes. The same `requestId` on a later call says that it is the same rows. Throws a `SnowflakeProblem`.
 */
export async function appendRows(
  client: SnowflakeClient,
  table: StreamingTable,
  packed: Uint8Array<ArrayBuffer>,
  asked: { requestId: string; deadline: EpochMs },
): Promise<void> {
  await streamOf(client).append(table, packed, asked);
}

/** The host that takes rows, and a right to send some there: what a connection test looks at. */
export async function openStream(client: SnowflakeClient, deadline: EpochMs): Promise<{ host: string }> {
  return await streamOf(client).open(deadline);
}

const streams = new WeakMap<SnowflakeClient, SnowflakeStream>();

function streamOf(client: SnowflakeClient): SnowflakeStream {
  let stream = streams.get(client);
  if (!stream) streams.set(client, (stream = new SnowflakeStream(client)));
  return stream;
}

interface Ingest {
  host: string;
  url: string;
  token: string;
  until: EpochMs;
}

/** A scoped token is good for an hour. */
const TOKEN_KEPT_MS = 50 * 60_000;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Snowpipe Streaming over REST, elastic: no channel, no warehouse. What answers 200 is kept; what was sent twice may be there twice. */
class SnowflakeStream {
  readonly #client: SnowflakeClient;
  #ingest: Ingest | undefined;

  constructor(client: SnowflakeClient) {
    this.#client = client;
  }

  async append(
    { schema, table }: StreamingTable,
    bytes: Uint8Array<ArrayBuffer>,
    { requestId, deadline }: { requestId: string; deadline: EpochMs },
  ): Promise<void> {
    if (bytes.byteLength > STREAMING_BYTES_MAX) throw tooLarge();
    const { database } = this.#client.access.names;
    const path = `/v2/streaming/data/databases/${database}/schemas/${schema}/tables/${table}/rows`;
    for (let isSecond = false; ; isSecond = true) {
      const answer = await ask(
        async (retry) => {
          const { url, token } = await this.#opened(deadline);
          const headers = {
            authorization: `Bearer ${token}`,
            "content-type": "application/x-ndjson",
            "content-encoding": "gzip",
          };
          const query = new URLSearchParams({ requestId, retryCount: String(retry + (isSecond ? 1 : 0)) });
          return new Request(`${url}${path}?${query}`, { method: "POST", headers, body: bytes });
        },
        this.#client.access,
        this.#client.clock,
        deadline,
      );
      if (answer.status === 200) return;
      const isOver = answer.status === 401 || answer.status === 403;
      if (!isOver || isSecond) throw this.#problem(answer);
      this.#ingest = undefined;
    }
  }

  async open(deadline: EpochMs): Promise<{ host: string }> {
    return { host: (await this.#opened(deadline)).host };
  }

  /** With a token for that host alone; asked for when the last one is nearly over. */
  async #opened(deadline: EpochMs): Promise<Ingest> {
    const { clock } = this.#client;
    if (this.#ingest && clock.now() < this.#ingest.until) return this.#ingest;
    const answer = await this.#client.rest("GET", "/v2/streaming/hostname", { deadline });
    if (answer.status !== 200) throw this.#problem(answer);
    const host = this.#hostIn(answer);
    const token = await this.#tokenFor(host, deadline);
    const scheme = this.#client.access.endpoint === null ? "https:" : new URL(this.#client.access.endpoint).protocol;
    this.#ingest = { host, url: `${scheme}//${host.replaceAll("_", "-")}`, token, until: clock.now() + TOKEN_KEPT_MS };
    return this.#ingest;
  }

  /** JSON by the reference, the bare name by the tutorial. A token goes there, so it has to be Snowflake's. */
  #hostIn(answer: Answer): string {
    const host = textIn(answer, "hostname");
    const isSnowflakes = /^[a-z0-9._-]+\.snowflakecomputing\.(com|cn)$/i.test(host);
    const isChosen = this.#client.access.endpoint !== null && URL.canParse(`https://${host}/`);
    if (host === "" || !(isSnowflakes || isChosen)) throw notUnderstood(answer.status);
    return host;
  }

  async #tokenFor(host: string, deadline: EpochMs): Promise<string> {
    const { access, clock, signIn } = this.#client;
    const body = new URLSearchParams({ grant_type: GRANT, scope: host }).toString();
    const answer = await ask(
      async () => {
        const headers = { ...(await signIn.headers()), "content-type": "application/x-www-form-urlencoded" };
        return new Request(`${baseUrlOf(access)}/oauth/token`, { method: "POST", headers, body });
      },
      access,
      clock,
      deadline,
    );
    if (answer.status !== 200) throw this.#problem(answer);
    const token = textIn(answer, "token");
    if (!/^[\w.~+/=:-]+$/.test(token)) throw notUnderstood(answer.status);
    return token;
  }

  #problem(answer: Answer): SnowflakeProblem {
    const { names } = this.#client.access;
    if (answer.status === 404) {
      return new SnowflakeProblem(
        "rights_missing",
        `Snowpipe Streaming finds no table to write to in ${names.database}, or the role ${names.role} may not insert into it.`,
        "Run the setup again: it makes what is missing and grants INSERT.",
      );
    }
    return problemOf(this.#client.access, refusalOf(answer));
  }
}

function textIn({ json, text }: Answer, member: string): string {
  const said = typeof json === "object" && json !== null ? (json as Record<string, unknown>)[member] : json;
  return (typeof said === "string" ? said : json === undefined ? text : "").trim();
}

function tooLarge(): SnowflakeProblem {
  return new SnowflakeProblem(
    "statement_refused",
    `Rows of more than ${STREAMING_BYTES_MAX / 1e6} MB were to be sent at once.`,
    "Nothing to do here: fewer are sent at once next time.",
  );
}
