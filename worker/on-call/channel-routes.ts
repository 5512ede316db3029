import { CHANNEL_KINDS, CHANNELS_MAX, type Channel } from "../../contract/channels.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { configOf } from "../notify/delivery.ts";
import * as channels from "../notify/store.ts";
import type { ChannelRow } from "../notify/table.ts";
import { vapidPublicKey } from "../notify/vapid.ts";
import { vaultOf } from "../vault/vault.ts";
import { changed, done } from "./change.ts";
import { changedConfig, keptConfig, refusalOf, refuseConfig, tested } from "./channel-entry.ts";
import { newRecipients } from "./channel-words.ts";
import { sightOf, type Sight } from "./visible-subjects.ts";

/** Channels over HTTP. A way is tried before it is kept, and what is secret of it never shown again. */
export const channelRoutes = api({
  "GET /api/channels": async (c) => {
    const db = database(c.env.DB);
    const [rows, counts, publicKey, sight] = await Promise.all([
      channels.listChannels(db),
      channels.countsByChannel(db),
      vapidPublicKey(db, vaultOf(c.env)),
      sightOf(c, db),
    ]);
    return {
      channels: rows.map((row) => {
        const shown = shownChannel(row, counts.get(row.id));
        return sight ? withoutDetails(shown, sight) : shown;
      }),
      vapidPublicKey: publicKey,
      hasEmailBinding: (c.env as Partial<Env>).EMAIL !== undefined,
    };
  },

  "POST /api/channels": async (c, { body: { config, ...fields } }) => {
    const db = database(c.env.DB);
    await refuseConfig(db, config);
    await refuseTooMany(db);
    await tested(c, db, fields.name, config);
    const id = crypto.randomUUID();
    const now = Date.now();
    const row: ChannelRow = {
      ...fields,
      ...(await keptConfig(c, id, config)),
      id,
      kind: config.kind,
      createdAt: now,
      lastSentAt: now,
      problem: null,
    };
    await channels.insertChannel(db, row);
    await changed(c, "channel.added", row.name, { after: words(row) });
    return shownChannel(row, undefined);
  },

  "PATCH /api/channels/:id": async (c, { body: { config: given, ...fields } }) => {
    const db = database(c.env.DB);
    const before = await existing(c, db);
    let way: Partial<ChannelRow> = {};
    if (given) {
      const config = await changedConfig(c, before, given);
      await refuseConfig(db, config);
      await tested(c, db, fields.name ?? before.name, config);
      way = { ...(await keptConfig(c, before.id, config)), lastSentAt: Date.now(), problem: null };
    }
    const change = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const row = await channels.changeChannel(db, before.id, { ...change, ...way });
    if (!row) throw noSuchChannel();
    const names = [...Object.keys(change), ...(given ? ["config"] : [])];
    const added = newRecipients(before.config, row.config);
    const after = [names.join(", "), added && `now also to ${added}`].filter(Boolean).join("; ");
    await changed(c, "channel.changed", row.name, { after });
    return shownChannel(row, (await channels.countsByChannel(db)).get(row.id));
  },

  "DELETE /api/channels/:id": async (c) => {
    const db = database(c.env.DB);
    const row = await existing(c, db);
    if (!(await channels.deleteChannel(db, row.id))) throw noSuchChannel();
    await changed(c, "channel.removed", row.name, { before: words(row) });
  },

  "POST /api/channels/:id/test": async (c) => {
    const db = database(c.env.DB);
    const row = await existing(c, db);
    const config = await configOf(row, vaultOf(c.env)).catch((error: unknown) => {
      throw refusalOf(error, row.kind);
    });
    const said = await tested(c, db, row.name, config);
    await channels.changeChannel(db, row.id, { lastSentAt: Date.now(), problem: null });
    // What waits behind a problem that is over goes on at once.
    await (row.problem ? changed : done)(c, "channel.tested", row.name, { after: said.answer });
    return said;
  },
});

async function existing(c: ApiContext, db: Database): Promise<ChannelRow> {
  const row = await channels.findChannel(db, c.req.param("id")!);
  if (!row) throw noSuchChannel();
  return row;
}

function noSuchChannel(): NephosError {
  return new NephosError("not_found", "There is no such channel.", {
    field: "id",
    remedy: "It may have been removed; the channels page lists what there is.",
  });
}

async function refuseTooMany(db: Database): Promise<void> {
  if ((await channels.listChannels(db)).length < CHANNELS_MAX) return;
  throw new NephosError("too_many_kept", `There can be at most ${CHANNELS_MAX} channels.`, {
    remedy: "Remove those that are not needed any more.",
  });
}

function shownChannel(
  { secrets: _sealed, ...shown }: ChannelRow,
  counts: { waiting: number; parked: number } | undefined,
): Channel {
  return { ...shown, waiting: counts?.waiting ?? 0, parked: counts?.parked ?? 0 };
}

/** For who sees a part of the fleet: neither whom it tells, nor what its provider said, nor whom else it is about. */
function withoutDetails(channel: Channel, sight: Sight): Channel {
  const { problem, scope } = channel;
  return {
    ...channel,
    config: {},
    scope: { ...scope, subjects: scope.subjects.filter((id) => sight.ids.has(id)) },
    problem: problem && { ...problem, message: "It does not work." },
  };
}

/** A channel in one line, for the log; its addresses may hold keys. */
function words({ kind, minSeverity, isEnabled }: ChannelRow): string {
  const parts = [CHANNEL_KINDS[kind], minSeverity === "critical" && "critical only", !isEnabled && "off"];
  return parts.filter(Boolean).join("; ");
}
