import type { Endpoints } from "../../../contract/api.ts";
import type { ErrorReply } from "../../../contract/ingest.ts";

/** A refusal of the server, or no answer at all (`status` 0), with words fit to be shown. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly remedy: string | undefined;

  constructor(status: number, reply: Partial<ErrorReply>) {
    super(reply.message ?? `The server answered with status ${status}.`);
    this.status = status;
    this.code = reply.code ?? "unknown";
    this.field = reply.field;
    this.remedy = reply.remedy;
  }
}

type PathParameters<Endpoint extends string> = Endpoint extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & PathParameters<Rest>
  : Endpoint extends `${string}:${infer Name}`
    ? Record<Name, string>
    : unknown;

type Options<Endpoint extends keyof Endpoints> = PathParameters<Endpoint> &
  (Endpoints[Endpoint] extends { body: infer Body } ? { body: Body } : unknown);

interface Extras {
  query?: Record<string, string>;
  signal?: AbortSignal;
}

type CallArguments<Endpoint extends keyof Endpoints> =
  unknown extends Options<Endpoint>
    ? [given?: Extras]
    : [
        given: (unknown extends PathParameters<Endpoint> ? unknown : { params: PathParameters<Endpoint> }) &
          (Endpoints[Endpoint] extends { body: infer Body } ? { body: Body } : unknown) &
          Extras,
      ];

const refusalListeners = new Set<(refusal: ApiError) => void>();

/** Hears every refusal, whoever called: some concern the whole page. The returned function stops that. */
export function onRefusal(listener: (refusal: ApiError) => void): () => void {
  refusalListeners.add(listener);
  return () => refusalListeners.delete(listener);
}

/** Calls one row of the table of endpoints. Throws an {@link ApiError}, or the signal's reason when it was given up. */
export async function call<Endpoint extends keyof Endpoints>(
  endpoint: Endpoint,
  ...[given]: CallArguments<Endpoint>
): Promise<Endpoints[Endpoint]["reply"]> {
  const { params, query, body, signal } = (given ?? {}) as Extras & { params?: Record<string, string>; body?: unknown };
  const { method, url } = addressOf(endpoint, params, query);
  const response = await send(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) {
    const refusal = new ApiError(response.status, await refusalOf(response));
    for (const hear of refusalListeners) hear(refusal);
    throw refusal;
  }
  return (response.status === 204 ? undefined : await response.json()) as Endpoints[Endpoint]["reply"];
}

export function addressOf(
  endpoint: string,
  params: Record<string, string> = {},
  query: Record<string, string> = {},
): { method: string; url: string } {
  const [method, path] = endpoint.split(" ") as [string, string];
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return { method, url: search.length === 0 ? filled : `${filled}?${search.join("&")}` };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, {
      code: "no_answer",
      message: "The server could not be reached.",
      remedy: "Check the network, then try again.",
    });
  }
}

async function refusalOf(response: Response): Promise<Partial<ErrorReply>> {
  try {
    return (await response.json()) as ErrorReply;
  } catch {
    // A proxy in between answers in HTML; the status is then all we know.
    return {};
  }
}
