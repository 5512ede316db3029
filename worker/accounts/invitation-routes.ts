import { TAG_LIMITED_ROLES } from "../../contract/roles.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { countPeople, findPerson, findPersonByEmail } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { INVITATIONS_MAX, PEOPLE_MAX } from "../settings.ts";
import { emailTaken, notFound, record } from "./acting.ts";
import { notLimitable, requireGrantable } from "./people-routes.ts";
import {
  acceptInvitation,
  countInvitations,
  deleteInvitation,
  findInvitation,
  insertInvitation,
} from "./people-store.ts";
import { letIn, turnedAway } from "./sign-in.ts";

/** Invitations by a link: its secret stands behind the #, it works once, and what it grants was said when it was made. */
export const invitationRoutes = api({
  "POST /api/invitations": async (c, { body: { email, role, tags, expiresInDays } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { person } = c.var.principal;
    requireGrantable(c, role);
    if (tags !== null && !TAG_LIMITED_ROLES.includes(role)) throw notLimitable(role);
    if (email !== undefined && (await findPersonByEmail(db, email))) throw emailTaken();
    if ((await countInvitations(db, now)) >= INVITATIONS_MAX || (await countPeople(db)) >= PEOPLE_MAX) {
      throw new NephosError("too_many_kept", "There are as many people or open invitations as there can be.", {
        remedy: "Withdraw an invitation or remove somebody.",
      });
    }
    const secret = newSecret();
    const told = {
      id: crypto.randomUUID(),
      email: email ?? null,
      role,
      tags,
      createdAt: now,
      expiresAt: now + expiresInDays * 86_400_000,
    };
    await insertInvitation(db, { ...told, hash: hashOf(secret), invitedBy: person.id, usedAt: null });
    const after = `${role}${tags ? `, tags ${tags.join(", ")}` : ""}`;
    await record(c, { action: "person.invited", subject: told.email, after });
    return { ...told, invitedBy: person.name, link: `${new URL(c.req.url).origin}/join#${secret}` };
  },

  "DELETE /api/invitations/:id": async (c) => {
    const gone = await deleteInvitation(database(c.env.DB), c.req.param("id")!);
    if (!gone) throw notFound("open invitation");
    await record(c, { action: "invitation.withdrawn", subject: gone.email, before: gone.role });
  },

  "POST /api/invitation": async (c, { body: { token } }) => {
    const now = Date.now();
    const offer = await findInvitation(database(c.env.DB), hashOf(token), now);
    if (!offer) throw await unknown(c, now);
    return offer;
  },

  "POST /api/invitation/accept": async (c, { body: { token, name, email } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const id = crypto.randomUUID();
    const accepted = await acceptInvitation(db, hashOf(token), { id, name, email: email ?? null }, now);
    if (accepted === "email taken") throw emailTaken();
    if (accepted === "gone") throw await unknown(c, now);
    const person = (await findPerson(db, id))!;
    const actor = { ...actorOf(c, null), id, name, via: "browser" };
    await recordDone(db, actor, { action: "person.joined", after: person.role }, now);
    return letIn(c, person, "invitation", now);
  },
});

async function unknown(c: ApiContext, now: number): Promise<NephosError> {
  await turnedAway(c, null, "the invitation is not known, was used or withdrawn, or has expired", now);
  return new NephosError("invitation_unknown", "This invitation was used or withdrawn, or its time is over.", {
    remedy: "Ask for a new one.",
  });
}
