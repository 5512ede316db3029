import type { Person, Session, Way } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import { version } from "../../package.json";
import { recordDone, recordRefused } from "../audit/record.ts";
import type { ApiContext } from "../auth/api.ts";
import { actorOf, freshUntil } from "../auth/gate.ts";
import { rememberBrowser } from "../auth/known-browser.ts";
import { sessionOf, startSession } from "../auth/session.ts";
import { deleteSession } from "../auth/store.ts";
import type { SessionRow } from "../auth/table.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { waysBack } from "./store.ts";

/** Lets a person in who has shown who they are: a new session, never the one the browser came with. */
export async function letIn(c: ApiContext, person: Person, way: Way, now: EpochMs): Promise<Session> {
  const db = database(c.env.DB);
  const before = await sessionOf(c, db, now);
  if ("signedIn" in before) {
    const { id } = before.signedIn.session;
    await deleteSession(db, id);
    // Of the same person it is the same browser going on: its sockets come back with the new cookie.
    const isSamePerson = before.signedIn.person.id === person.id;
    await calling(async () =>
      isSamePerson ? shard(c.env).personChanged(person.id) : shard(c.env).sessionsEnded([id]),
    );
  }
  const { session } = await startSession(c, db, person, way, now);
  await rememberBrowser(c, person.id);
  const actor = { ...actorOf(c, null), id: person.id, name: person.name, via: "browser" };
  await recordDone(db, actor, { action: "session.started", after: WAY_WORDS[way] }, now);
  return describeSession(c.env, session, person);
}

/** Writes down why somebody was not let in. `claimed` is who they said they were. */
export async function turnedAway(c: ApiContext, claimed: string | null, reason: string, now: EpochMs): Promise<void> {
  await recordRefused(
    database(c.env.DB),
    actorOf(c, null),
    { action: "session.refused", subject: claimed?.slice(0, 254) ?? null },
    reason,
    now,
  );
}

export async function describeSession(env: Env, session: SessionRow, person: Person): Promise<Session> {
  return {
    person,
    id: session.id,
    way: session.way,
    startedAt: session.startedAt,
    freshUntil: freshUntil(session),
    expiresAt: session.expiresAt,
    hasWayBack: (await waysBack(database(env.DB), person.id)).length > 0,
    demo: env.NEPHOS_MODE !== "live",
    version,
  };
}

/** Nobody saws off the branch they sit on. `way` is the id of a passkey or identity, or `password`. */
export async function requireAnotherWay(db: Database, personId: string, way: string): Promise<void> {
  const ways = await waysBack(db, personId);
  if (ways.length !== 1 || ways[0] !== way) return;
  throw new NephosError("last_way_in", "This is your only way to sign in.", {
    remedy: "Add a passkey or a password first.",
  });
}

const WAY_WORDS: Record<Way, string> = {
  link: "by the printed link",
  invitation: "by an invitation",
  passkey: "by passkey",
  password: "by password",
  identity_provider: "at an identity provider",
  access: "through Cloudflare Access",
};
