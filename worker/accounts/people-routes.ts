import type { Person } from "../../contract/people.ts";
import { isAtLeast, TAG_LIMITED_ROLES, type Role } from "../../contract/roles.ts";
import { api, type ApiContext } from "../auth/api.ts";
import * as auth from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { emailTaken, notFound, record } from "./acting.ts";
import { changePerson, deletePerson, listInvitations, listPeople, signOutPerson } from "./people-store.ts";

/** Other people. Nobody changes somebody above them, nobody grants more than they have, and an owner always remains. */
export const peopleRoutes = api({
  "GET /api/people": async (c) => {
    const db = database(c.env.DB);
    const [people, invitations] = await Promise.all([listPeople(db), listInvitations(db, Date.now())]);
    return { people, invitations };
  },

  "PATCH /api/people/:id": async (c, { body }) => {
    const db = database(c.env.DB);
    const before = await personBelow(c);
    const change: Partial<Person> = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    const { role } = { ...before, ...change };
    requireGrantable(c, role);
    // Who comes to look after all of the fleet is not limited to a part of it any more.
    if (!TAG_LIMITED_ROLES.includes(role)) {
      if (body.tags?.length) throw notLimitable(role);
      if (before.tags !== null) change.tags = null;
    }
    const changed = await changePerson(db, c.var.principal.person, before, change);
    if (changed === "email taken") throw emailTaken();
    if (changed !== "done") throw notChanged(changed);
    const after: Person = { ...before, ...change };
    await record(c, {
      action: "person.changed",
      subject: before.name,
      before: differences(before, after),
      after: differences(after, before),
    });
    await calling(async () => shard(c.env).personChanged(before.id));
  },

  "DELETE /api/people/:id": async (c) => {
    const person = await personBelow(c);
    const gone = await deletePerson(database(c.env.DB), c.var.principal.person, person);
    if (typeof gone === "string") throw notChanged(gone);
    await record(c, { action: "person.removed", subject: person.name, before: person.role });
    await calling(async () => shard(c.env).sessionsEnded(gone.endedIds));
  },

  "DELETE /api/people/:id/sessions": async (c) => {
    const person = await personBelow(c);
    const ended = await signOutPerson(database(c.env.DB), person.id);
    await record(c, {
      action: "person.signed_out",
      subject: person.name,
      before: `${ended.length} sessions and API tokens`,
    });
    await calling(async () => shard(c.env).sessionsEnded(ended));
  },
});

/** The person the address names, if they are not above whoever asks. */
async function personBelow(c: ApiContext): Promise<Person> {
  const person = await auth.findPerson(database(c.env.DB), c.req.param("id")!);
  if (!person) throw notFound("person");
  if (!isAtLeast(c.var.principal.person.role, person.role)) {
    throw new NephosError(
      "role_too_low",
      `${person.name} is ${person.role}, and you are ${c.var.principal.person.role}.`,
      {
        remedy: "Ask an owner to do it.",
      },
    );
  }
  return person;
}

/** Nobody gives what they do not have. */
export function requireGrantable(c: ApiContext, role: Role): void {
  if (isAtLeast(c.var.principal.person.role, role)) return;
  throw new NephosError("role_too_low", `Only an owner makes somebody ${role}.`, {
    field: "role",
    remedy: "Choose a role up to your own, or ask an owner.",
  });
}

export function notLimitable(role: Role): NephosError {
  return new NephosError("invalid_field", `tags: an ${role} sees the whole fleet and cannot be limited to tags`, {
    field: "tags",
    remedy: `Leave the tags out, or choose one of: ${TAG_LIMITED_ROLES.join(", ")}.`,
  });
}

function notChanged(why: "last owner" | "changed meanwhile"): NephosError {
  if (why === "last owner") return lastOwner();
  return new NephosError("changed_meanwhile", "Somebody else has changed this person, or you, at the same moment.", {
    remedy: "Reload the page and look again.",
  });
}

function lastOwner(): NephosError {
  return new NephosError("last_owner", "This is the last owner: nobody would be left to look after this Nephos.", {
    remedy: "Make somebody else an owner first.",
  });
}

function differences(of: Person, than: Person): string {
  const fields = ["name", "email", "role", "tags"] as const;
  return fields
    .filter((field) => JSON.stringify(of[field]) !== JSON.stringify(than[field]))
    .map((field) => `${field} ${of[field] === null ? "none" : String(of[field])}`)
    .join("; ");
}
