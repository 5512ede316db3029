import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { routesOf, type Account, type Route } from "./cloudflare-routes.ts";
import { ApiError, CloudflareState, uploadPass } from "./cloudflare-state.ts";

export type { Account };

/** One call wrangler made, without its body. */
export interface Call {
  readonly method: string;
  readonly path: string;
}

/** Cloudflare's API as far as the scripts need it, with an account behind it that remembers. */
export class CloudflareApi {
  readonly calls: Call[] = [];
  readonly state = new CloudflareState();
  /** Calls whose "METHOD /path" matches are answered with 500. */
  failing: RegExp | undefined;

  private readonly accounts: readonly Account[];
  private readonly token: string;
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private readonly routes: readonly Route[];

  constructor(token: string, accounts: readonly Account[]) {
    this.token = token;
    this.accounts = accounts;
    this.routes = routesOf(this.state, accounts);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    for (const database of this.state.databases) database.rows.close();
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
}

async function received(incoming: IncomingMessage, url: URL): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const method = incoming.method ?? "GET";
  return new Request(url, { method, headers, ...(method === "GET" ? {} : { body: Buffer.concat(chunks) }) });
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
