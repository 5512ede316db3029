import { Hono, type Context } from "hono";
import {
  ENDPOINTS,
  type BodyOf,
  type Endpoint,
  type EndpointName,
  type QueryOf,
  type ReplyOf,
} from "../../contract/api.ts";
import { recordRefused } from "../audit/record.ts";
import { jsonBody, limitedBody, parsed } from "../body.ts";
import { database } from "../db/client.ts";
import { NephosError, type RefusalCode } from "../errors.ts";
import { actorOf, gate } from "./gate.ts";
import type { GateEnv } from "./principal.ts";

export type ApiContext = Context<GateEnv>;

type Handler<Name extends EndpointName> = (
  c: ApiContext,
  sent: { body: BodyOf<Name>; query: QueryOf<Name> },
) => Promise<ReplyOf<Name> | Response>;

export type Handlers = { [Name in EndpointName]?: Handler<Name> };

/**
 * Routes for rows of the table of endpoints: each behind the gate its row declares, its body and query parsed by its row. What
 * a handler returns is the reply; nothing is an empty one. There is no other way to an address under `/api`.
 */
export function api(handlers: Handlers): Hono<GateEnv> {
  const app = new Hono<GateEnv>();
  for (const [name, handle] of Object.entries(handlers) as [EndpointName, Handler<EndpointName>][]) {
    const [method, path] = name.split(" ") as [string, string];
    const { access, body, query, status }: Endpoint = ENDPOINTS[name];
    app.on(method, path, gate(access), limitedBody, async (c) => {
      const sent = {
        body: body && parsed(body, await jsonBody(c)),
        query: query && parsed(query, c.req.query()),
      } as Parameters<typeof handle>[1];
      const reply: unknown = await carriedOut(c, () => handle(c, sent));
      if (reply instanceof Response) return reply;
      return reply === undefined ? c.body(null, 204) : c.json(reply, status ?? 200);
    });
  }
  return app;
}

/** What only a handler can refuse, and who tried it belongs into the log. */
const TOLD: readonly RefusalCode[] = ["role_too_low", "last_owner", "changed_meanwhile"];

/** Goes on to its end also where the caller hangs up: nobody changes something and keeps it out of the log by leaving. */
async function carriedOut(c: ApiContext, handle: () => Promise<unknown>): Promise<unknown> {
  const work = handle();
  if (c.req.method !== "GET") c.executionCtx.waitUntil(work.catch(() => undefined));
  try {
    return await work;
  } catch (error) {
    if (error instanceof NephosError && TOLD.includes(error.refusal.code)) {
      const done = { action: "request.refused", subject: `${c.req.method} ${c.req.routePath}` } as const;
      await recordRefused(database(c.env.DB), actorOf(c, c.var.principal), done, error.message, Date.now());
    }
    throw error;
  }
}
