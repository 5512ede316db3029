import { env } from "cloudflare:workers";
import { asc } from "drizzle-orm";
import type { IncidentState } from "../../contract/incident-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import { channelConfigSchema } from "../../contract/channels.ts";
import { incident } from "../alerts/table.ts";
import { database } from "../db/client.ts";
import { splitSecrets } from "../notify/config.ts";
import { Drain } from "../notify/drain.ts";
import { rowsFor, type Told } from "../notify/outbox.ts";
import { secretsPurpose } from "../notify/sealed-columns.ts";
import { insertChannel, insertStatements, listChannels } from "../notify/store.ts";
import {
  channel,
  notification,
  type ChannelRow,
  type NotificationMessage,
  type NotificationRow,
} from "../notify/table.ts";
import { vaultOf } from "../vault/vault.ts";
import { startReceiver } from "./receivers.ts";

/** An outbox with real channels, whose receivers stand outside. Times are handed in. */

export const outboxDb = database(env.DB);
const vault = vaultOf(env);
export const ORIGIN = "https://nephos.example.com";
export const T0: EpochMs = Date.UTC(2026, 5, 1, 12, 0, 0);

/** A channel that takes everything at once. */
export function channelRow(id: string, more: Partial<ChannelRow> = {}): ChannelRow {
  return {
    id,
    kind: "webhook",
    name: `Channel ${id}`,
    isEnabled: true,
    config: {},
    secrets: null,
    minSeverity: "warning",
    scope: { tags: [], providers: [], regions: [], subjects: [] },
    afterMs: 0,
    repeatMs: null,
    quietHours: null,
    tellsResolved: true,
    createdAt: T0,
    lastSentAt: null,
    problem: null,
    ...more,
  };
}

export function messageAbout(title: string, more: Partial<NotificationMessage> = {}): NotificationMessage {
  return {
    severity: "critical",
    title,
    reason: "no region could reach it",
    at: T0,
    openedAt: T0,
    ruleName: "Instance down",
    ruleKind: "verdict",
    members: 1,
    names: ["web-1"],
    ...more,
  };
}

export function told(
  incidentId: string,
  eventNumber: number,
  kind: Told["kind"],
  { facts, ...more }: Partial<NotificationMessage> & { facts?: Told["facts"] } = {},
): Told {
  return {
    incidentId,
    eventNumber,
    kind,
    message: messageAbout(`${incidentId} is down`, more),
    facts: facts ?? [{ subject: incidentId, instanceId: incidentId, tags: [], provider: null, region: null }],
  };
}

export async function emptyOutbox(): Promise<void> {
  await outboxDb.batch([outboxDb.delete(notification), outboxDb.delete(channel), outboxDb.delete(incident)]);
}

/** A webhook, with its receiver. */
export async function newWebhook(id: string, more: Partial<ChannelRow> = {}) {
  const receiver = await startReceiver("webhook");
  const config = channelConfigSchema.parse({ kind: "webhook", ...receiver.config });
  const { config: shown, secrets } = splitSecrets(config);
  const sealed = await vault.seal(JSON.stringify(secrets), secretsPurpose(id));
  await insertChannel(outboxDb, channelRow(id, { config: shown, secrets: sealed, ...more }));
  /** Ids of what came, in order. */
  const came = async () => (await receiver.told()).received.map(({ id: came }) => came!);
  return { ...receiver, id, came };
}

/** Puts into the outbox what happened, for all channels. */
export async function puts(happened: readonly Told[], at: EpochMs): Promise<void> {
  const rows = rowsFor(happened, await listChannels(outboxDb), at);
  await putRows(rows);
}

export async function putRows(rows: readonly NotificationRow[]): Promise<void> {
  const statements = insertStatements(outboxDb.$client, rows);
  if (statements.length > 0) await outboxDb.$client.batch(statements);
}

export async function putIncident(id: string, state: IncidentState, at: EpochMs = T0): Promise<void> {
  const row = {
    id,
    title: `${id} is down`,
    severity: "critical",
    state,
    ruleId: "rule",
    ruleName: "Instance down",
    kind: "verdict",
    subject: id,
    instanceId: id,
    reason: "",
    openedAt: at,
    updatedAt: at,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: state === "resolved" ? at : null,
    members: 1,
    openMembers: state === "resolved" ? 0 : 1,
    reopened: 0,
    isSilenced: false,
    tags: [],
    lastEvent: 1,
    place: null,
  } as const;
  await outboxDb
    .insert(incident)
    .values({ ...row, tags: [] })
    .onConflictDoUpdate({ target: incident.id, set: { state } });
}

export function newDrain({
  timeoutMs = 5_000,
  random = () => 0.5,
}: { timeoutMs?: number; random?: () => number } = {}) {
  return new Drain({
    db: outboxDb,
    env,
    vault,
    origin: async () => ORIGIN,
    allowsPrivate: async () => true,
    timeoutMs,
    random,
  });
}

export async function outbox(): Promise<NotificationRow[]> {
  return outboxDb.select().from(notification).orderBy(asc(notification.createdAt), asc(notification.id));
}

/** By id: where each stands, and why. */
export async function standing(): Promise<Record<string, [state: string, answer: string | null]>> {
  return Object.fromEntries((await outbox()).map(({ id, state, answer }) => [id, [state, answer]]));
}

export async function channelOf(id: string): Promise<ChannelRow> {
  return (await listChannels(outboxDb)).find((row) => row.id === id)!;
}
