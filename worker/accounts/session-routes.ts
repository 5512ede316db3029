import { api } from "../auth/api.ts";
import { hashOf } from "../auth/secret.ts";
import { forgetCookie } from "../auth/session.ts";
import { deleteSession, firstOwner, makeFirstOwner, useSignInLink } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { record, sessionOfBrowser } from "./acting.ts";
import { forgetOffers } from "./offers.ts";
import { describeSession, letIn, turnedAway } from "./sign-in.ts";

/** The printed link, who am I, sign out. */
export const sessionRoutes = api({
  "POST /api/sign-in/link": async (c, { body: { token } }) => {
    const now = Date.now();
    const db = database(c.env.DB);
    if (!(await useSignInLink(db, hashOf(token), now))) {
      await turnedAway(c, null, "the sign-in link is not known, was used, or has expired", now);
      throw new NephosError("link_unknown", "This sign-in link was used already, or its quarter of an hour is over.", {
        remedy: "Run `npm start` or `npm run deploy` again: each prints a new link.",
      });
    }
    await makeFirstOwner(db, crypto.randomUUID(), now);
    forgetOffers();
    return letIn(c, (await firstOwner(db))!, "link", now);
  },

  "GET /api/session": async (c) => {
    return describeSession(c.env, sessionOfBrowser(c), c.var.principal.person);
  },

  "DELETE /api/session": async (c) => {
    const { id } = sessionOfBrowser(c);
    await deleteSession(database(c.env.DB), id);
    forgetCookie(c);
    await calling(async () => shard(c.env).sessionsEnded([id]));
    await record(c, { action: "session.ended" });
  },
});
