import type { Person } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import { recordDone } from "../audit/record.ts";
import type { ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { hashOf } from "../auth/secret.ts";
import { findPerson } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { insertIdentity, insertNewcomer, knownOf } from "./identity-store.ts";
import { decide, type AccountElsewhere, type WayIn } from "./newcomer.ts";

/** Between reading and writing another may have been faster; what was decided then is decided again. */
const TRIES = 3;

/** The person whose account this is, made or linked where that is due; or why there is none. */
export async function personOf(
  c: ApiContext,
  account: AccountElsewhere,
  wayIn: WayIn,
  invitation: string | null,
  now: EpochMs,
): Promise<{ person: Person } | { reason: string }> {
  const db = database(c.env.DB);
  for (let tries = 0; tries < TRIES; tries++) {
    const known = await knownOf(db, account, invitation === null ? null : hashOf(invitation), now);
    const decision = decide(account, wayIn, known, now);
    if (decision.kind === "refused") return { reason: decision.reason };
    if (decision.kind === "known") return { person: decision.person };
    if (decision.kind === "link") {
      if (!(await insertIdentity(db, wayIn.providerId, account, decision.person, now))) continue;
      await told(c, decision.person, wayIn, account, now);
      return { person: decision.person };
    }
    const id = crypto.randomUUID();
    const by = decision.kind === "invited" ? { invitationId: decision.invitation.id } : { role: decision.role };
    const name = account.name ?? account.email?.split("@")[0] ?? "New person";
    if (!(await insertNewcomer(db, wayIn.providerId, account, { id, name, by }, now))) continue;
    const person = (await findPerson(db, id))!;
    const how = decision.kind === "invited" ? "by an invitation" : "by the domain of their e-mail address";
    const actor = { ...actorOf(c, null), id, name, via: "browser" };
    const limits = person.tags ? `, sees ${person.tags.join(", ")} only` : "";
    const done = {
      action: "person.joined",
      subject: person.email ?? name,
      after: `${person.role}${limits}, ${how}`,
    } as const;
    await recordDone(db, actor, done, now);
    await told(c, person, wayIn, account, now);
    return { person };
  }
  return { reason: "others came at the same moment" };
}

async function told(
  c: ApiContext,
  person: Person,
  { providerId }: WayIn,
  { issuer, subject }: AccountElsewhere,
  now: EpochMs,
): Promise<void> {
  const actor = { ...actorOf(c, null), id: person.id, name: person.name, via: "browser" };
  const done = { action: "identity.linked", subject: providerId, after: `${subject} at ${issuer}` } as const;
  await recordDone(database(c.env.DB), actor, done, now);
}
