import { recordDone, recordRefused } from "../audit/record.ts";
import { api } from "../auth/api.ts";
import { actorOf, enrolmentUnknown } from "../auth/gate.ts";
import { hashOf, newToken, shownPrefix } from "../auth/secret.ts";
import {
  deleteEnrolment,
  exchangeEnrolment,
  findEnrolment,
  insertEnrolment,
  listEnrolments,
} from "../auth/agent-token-store.ts";
import type { EnrolmentRow } from "../auth/table.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { shard, telling } from "./shard-client.ts";

/**
 * Enrolment tokens, and their exchange for an agent's own token. Only one that was made for this very instance replaces the
 * token it has already; any other might be in the hands of somebody who wants to take it over.
 */
export const enrolmentRoutes = api({
  "GET /api/enrolments": async (c) => ({ enrolments: await listEnrolments(database(c.env.DB), Date.now()) }),

  "POST /api/enrolments": async (c, { body: { label, usesMax, expiresInHours, instanceId } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    if (instanceId !== undefined && usesMax !== 1) {
      throw new NephosError("invalid_field", "usesMax: must be 1 where the token is for one instance", {
        field: "usesMax",
        remedy: "Leave it out, or leave out instanceId.",
      });
    }
    const secret = newToken("enrolment");
    const { hash, madeBy, ...told }: EnrolmentRow = {
      id: crypto.randomUUID(),
      hash: hashOf(secret),
      prefix: shownPrefix(secret),
      label,
      instanceId: instanceId ?? null,
      usesMax,
      usesLeft: usesMax,
      madeBy: c.var.principal.person.id,
      createdAt: now,
      expiresAt: now + expiresInHours * 3_600_000,
    };
    await insertEnrolment(db, { ...told, hash, madeBy });
    const after = `${usesMax === 1 ? "one use" : `${usesMax} uses`} within ${expiresInHours} h`;
    await recordDone(db, actorOf(c, c.var.principal), { action: "enrolment.made", subject: label, after }, now);
    return { ...told, enrolled: [], secret };
  },

  "DELETE /api/enrolments/:id": async (c) => {
    const db = database(c.env.DB);
    const label = await deleteEnrolment(db, c.req.param("id")!);
    if (label === undefined) throw new NephosError("not_found", "There is no such enrolment token.", { field: "id" });
    await recordDone(db, actorOf(c, c.var.principal), { action: "enrolment.revoked", subject: label }, Date.now());
  },

  "POST /enrol": async (c, { body: { instance } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const found = c.var.enrolment;
    const refuse = async (error: NephosError, reason: string) => {
      const done = { action: "enrolment.refused", subject: instance.id } as const;
      await recordRefused(db, { ...actorOf(c, null), name: `enrolment ${found.label}` }, done, reason, now);
      return error;
    };
    if (found.instanceId !== null && found.instanceId !== instance.id) {
      throw await refuse(
        new NephosError("token_of_another_instance", `This token enrols instance ${found.instanceId} only.`, {
          field: "instance.id",
          remedy: "Use it on that machine, or make another in the dashboard under Add.",
        }),
        `the token is for ${found.instanceId}`,
      );
    }
    const secret = newToken("agent");
    const token = {
      id: crypto.randomUUID(),
      hash: hashOf(secret),
      prefix: shownPrefix(secret),
      label: instance.name ?? instance.id,
      instanceId: instance.id,
    };
    const ended = await exchangeEnrolment(db, found.hash, token, found.instanceId === instance.id, now);
    if (ended === undefined) {
      // Lost a race for the last use, or the instance has a token that this one may not replace.
      const after = await findEnrolment(db, found.hash);
      if (!after || after.usesLeft <= 0) throw await refuse(enrolmentUnknown(), "the token is used up");
      throw await refuse(
        new NephosError("already_enrolled", `Instance ${instance.id} has a token already.`, {
          field: "instance.id",
          remedy:
            "To install its agent anew, make a line for it on its page in the dashboard. Two machines must not share an id: set INSTANCE_ID on one.",
        }),
        "the instance has a token already",
      );
    }
    const actor = { ...actorOf(c, null), name: `enrolment ${found.label}` };
    const before = ended.length > 0 ? "had a token, which ended" : null;
    await recordDone(db, actor, { action: "agent.enrolled", subject: instance.id, before }, now);
    if (ended.length > 0) await telling(async () => shard(c.env).forgetTokens(ended));
    return { instanceId: instance.id, token: secret, enrolledAt: now };
  },
});
