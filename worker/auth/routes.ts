import { Hono } from "hono";
import { signInSchema } from "../../contract/api.ts";
import type { Session } from "../../contract/instance.ts";
import { version } from "../../package.json";
import { jsonBody, limitedBody, parsed } from "../body.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { requireOwnOrigin, signedInOnly, type SignedInEnv } from "./guard.ts";
import { hashOf } from "./secret.ts";
import { endSession, startSession, type SignedIn } from "./session.ts";
import { useSignInLink } from "./store.ts";

/** Sign in by the printed link, who am I, sign out. `sessionEnded` closes the sockets of a session that was signed out. */
export function sessionRoutes(sessionEnded: (env: Env, hash: string) => Promise<void>) {
  return new Hono<SignedInEnv>()
    .post("/", limitedBody, async (c) => {
      requireOwnOrigin(c.req.raw);
      const { token } = parsed(signInSchema, await jsonBody(c));
      const now = Date.now();
      const db = database(c.env.DB);
      if (!(await useSignInLink(db, hashOf(token), now))) {
        throw new NephosError(
          "link_unknown",
          "This sign-in link was used already, or its quarter of an hour is over.",
          {
            remedy: "Run `npm start` or `npm run deploy` again: each prints a new link.",
          },
        );
      }
      return c.json(describe(c.env, await startSession(c, db, now)));
    })
    .get("/", signedInOnly, (c) => c.json(describe(c.env, c.var.session)))
    .delete("/", signedInOnly, async (c) => {
      await endSession(c, database(c.env.DB), c.var.session.hash);
      await sessionEnded(c.env, c.var.session.hash);
      return c.body(null, 204);
    });
}

function describe(env: Env, session: SignedIn): Session {
  return {
    user: { name: "Owner", role: "owner" },
    expiresAt: session.expiresAt,
    demo: env.NEPHOS_MODE !== "live",
    version,
  };
}
