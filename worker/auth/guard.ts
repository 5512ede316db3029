import { createMiddleware } from "hono/factory";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { sessionOf, type SignedInEnv } from "./session.ts";

export type { SignedInEnv };

const READS = new Set(["GET", "HEAD"]);

/** Lets through a signed-in browser only, and lets it change things only from our own pages. */
export const signedInOnly = createMiddleware<SignedInEnv>(async function signedInOnly(c, next) {
  const session = await sessionOf(c, database(c.env.DB), Date.now());
  if (!session) {
    throw new NephosError("sign_in_required", "You are not signed in.", {
      remedy: "Open the sign-in link that `npm start` or `npm run deploy` prints.",
    });
  }
  if (!READS.has(c.req.method) || c.req.header("upgrade")) requireOwnOrigin(c.req.raw);
  c.set("session", session);
  await next();
});

/** A page of somebody else cannot forge `Origin`; a browser sends it with every mutation and every WebSocket. */
export function requireOwnOrigin(request: Request): void {
  if (request.headers.get("origin") !== new URL(request.url).origin) {
    throw new NephosError("foreign_origin", "This request does not come from a page of this Nephos.", {
      field: "Origin",
      remedy: "Use the dashboard under its own address.",
    });
  }
}
