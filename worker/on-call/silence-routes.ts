import { SILENCES_MAX, type NewSilence, type Silence } from "../../contract/silences.ts";
import type { EpochMs } from "../../contract/units.ts";
import { unknownRules } from "../alerts/rule-store.ts";
import * as silences from "../alerts/silence-store.ts";
import type { SilenceRow } from "../alerts/table.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { isActive, nextChangeAt } from "../notify/windows.ts";
import { changed } from "./change.ts";
import { mayEnd, maySilence, seenSilence } from "./silence-reach.ts";
import { sightOf } from "./visible-subjects.ts";

/** Silences over HTTP. */
export const silenceRoutes = api({
  "GET /api/silences": async (c) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const [rows, sight] = await Promise.all([silences.listSilences(db), sightOf(c, db)]);
    const seen = rows.flatMap((row) => seenSilence(row, c.var.principal.person, sight) ?? []);
    return { now, silences: seen.map((row) => shownSilence(row, now)).sort(inForceFirst) };
  },

  "POST /api/silences": async (c, { body }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    await refuseUnfit(c, db, body, now);
    const kept = await silences.listSilences(db);
    if (kept.filter((row) => !isOver(row, now)).length >= SILENCES_MAX) {
      throw new NephosError("too_many_kept", `There can be at most ${SILENCES_MAX} silences.`, {
        remedy: "End those that are not needed any more.",
      });
    }
    const { name } = c.var.principal.person;
    const row: SilenceRow = { ...body, id: crypto.randomUUID(), createdBy: name, createdAt: now, endedAt: null };
    await silences.insertSilence(db, row);
    await changed(c, "silence.made", row.reason, { after: words(row) });
    return shownSilence(row, now);
  },

  "DELETE /api/silences/:id": async (c) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const row = await silences.findSilence(db, c.req.param("id")!);
    if (!row || isOver(row, now)) throw noSuchSilence();
    if (!mayEnd(row, c.var.principal.person, await sightOf(c, db))) {
      throw new NephosError("role_too_low", "This silence is about more than the instances you see.", {
        remedy: "Ask somebody who sees the whole fleet to end it.",
      });
    }
    if (!(await silences.endSilence(db, row.id, now))) throw noSuchSilence();
    await changed(c, "silence.ended", row.reason, { before: words(row) });
  },
});

async function refuseUnfit(c: ApiContext, db: Database, { scope, ruleIds, when }: NewSilence, now: EpochMs) {
  const [unknown] = await unknownRules(db, ruleIds);
  if (unknown !== undefined) {
    throw new NephosError("invalid_field", `ruleIds: names a rule that is not there: ${unknown.slice(0, 80)}`, {
      field: "ruleIds",
      remedy: "It may have been deleted. Leave the list empty to silence all rules.",
    });
  }
  const end = when.kind === "once" ? when.to : when.until;
  if (end !== null && end <= now) {
    const field = when.kind === "once" ? "when.to" : "when.until";
    throw new NephosError("invalid_field", `${field}: is over already`, {
      field,
      remedy: "Give a time that is still to come.",
    });
  }
  if (maySilence(scope, c.var.principal.person, await sightOf(c, db))) return;
  throw new NephosError("invalid_field", "scope: must name tags, instances or checks of yours", {
    field: "scope",
    remedy: "You see a part of the fleet only, and can silence that part.",
  });
}

/** For good: it does not hold, and never will again. */
function isOver({ when, endedAt }: Pick<SilenceRow, "when" | "endedAt">, now: EpochMs): boolean {
  return endedAt !== null || (!isActive(when, now) && nextChangeAt(when, now) === null);
}

function shownSilence(row: SilenceRow, now: EpochMs): Silence {
  const isOn = row.endedAt === null;
  return { ...row, isActive: isOn && isActive(row.when, now), nextChangeAt: isOn ? nextChangeAt(row.when, now) : null };
}

/** In force, to come, over; of each those that change next, and then the newest, first. */
function inForceFirst(a: Silence, b: Silence): number {
  const rank = ({ isActive: isOn, nextChangeAt: next }: Silence) => (isOn ? 0 : next === null ? 2 : 1);
  return (
    rank(a) - rank(b) ||
    (a.nextChangeAt ?? Number.MAX_SAFE_INTEGER) - (b.nextChangeAt ?? Number.MAX_SAFE_INTEGER) ||
    b.createdAt - a.createdAt
  );
}

function noSuchSilence(): NephosError {
  return new NephosError("not_found", "There is no such silence, or it is over.", { field: "id" });
}

/** Whom and when, in one line, for the log. */
function words({ scope, ruleIds, when }: Pick<SilenceRow, "scope" | "ruleIds" | "when">): string {
  const iso = (at: EpochMs) => new Date(at).toISOString().slice(0, 16);
  const named = [...scope.tags, ...scope.providers, ...scope.regions, ...scope.subjects];
  const whom = named.length === 0 ? "the whole fleet" : named.slice(0, 10).join(", ");
  const time =
    when.kind === "once"
      ? `${iso(when.from)} to ${iso(when.to)} UTC`
      : `every week, ${when.from} to ${when.to} ${when.timeZone}`;
  return [whom, time, ruleIds.length > 0 && `rules ${ruleIds.slice(0, 10).join(", ")}`].filter(Boolean).join("; ");
}
