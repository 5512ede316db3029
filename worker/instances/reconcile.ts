import type { InstanceEvent } from "../../contract/events.ts";
import { INSTANCE_ID_LENGTH_MAX, TAGS_MAX } from "../../contract/limits.ts";
import type { Bandwidth, Cloud, ProviderKind } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import { emptyRow } from "./facts.ts";
import type { NewEvent } from "./store.ts";
import type { InstanceRow } from "./table.ts";

/** What a provider lists now, of one account. */
export interface Listed {
  account: { id: string; kind: ProviderKind };
  found: readonly (Omit<Cloud, "accountId" | "kind" | "goneAt"> & { bandwidth: Omit<Bandwidth, "at"> | null })[];
  /** Accounts that no longer list what is theirs: a machine of theirs that is listed here is this account's now. */
  takesFrom: ReadonlySet<string>;
  /** Regions that could not be listed: what is known of them stays. */
  unlistedRegions: ReadonlySet<string>;
  /** Ids that were missing from the list before already: who is missing twice is gone. */
  missingBefore: ReadonlySet<string>;
}

/** An instance as it is to be. */
export interface Change {
  row: InstanceRow;
  /** Its main public address, where that is not what it was. */
  movedTo?: string;
  isNew: boolean;
  events: NewEvent[];
}

export interface Reconciled {
  changes: Change[];
  /** Two rows that are one machine: the second is the agent's. */
  merges: { listed: InstanceRow; agents: InstanceRow }[];
  /** Ids (the provider's) missing from this list. */
  missing: string[];
}

/** Traffic moves with every look; so much of what is included is worth a written row. */
const BANDWIDTH_NEWS = 0.01;

/**
 * Holds what an account lists against what is known of it. Pure: what comes out is all there is to write, and nothing where nothing
 * changed, however long the list is.
 */
export function reconcile(known: readonly InstanceRow[], listed: Listed, now: EpochMs): Reconciled {
  const { account, found, takesFrom, unlistedRegions, missingBefore } = listed;
  const result: Reconciled = { changes: [], merges: [], missing: [] };
  const byId = new Map(known.map((row) => [row.id, row]));
  const ofAccount = new Map(
    known.filter((row) => row.accountId === account.id).map((row) => [row.accountInstanceId!, row]),
  );
  const ofOthers = new Map(
    known
      .filter((row) => row.accountId !== null && row.accountId !== account.id && row.cloud?.kind === account.kind)
      .map((row) => [row.accountInstanceId!, row]),
  );
  const ofAgents = new Map(
    known.filter((row) => row.cloudKind === account.kind && row.cloudId !== null).map((row) => [row.cloudId!, row]),
  );
  const seen = new Set<string>();
  for (const { bandwidth, ...facts } of found) {
    if (seen.has(facts.id)) continue;
    seen.add(facts.id);
    const elsewhere = ofOthers.get(facts.id);
    // Two keys of one account list the same machines: they are shown once, by whoever listed them first.
    if (elsewhere && !takesFrom.has(elsewhere.accountId!)) continue;
    const mine = ofAccount.get(facts.id) ?? elsewhere;
    const agents = ofAgents.get(facts.id);
    // What an agent says of itself is its own claim: a machine that has an agent is not handed over to another.
    const isOne = mine && agents && mine !== agents && agents.accountId === null && mine.intervalMs === 0;
    if (isOne) result.merges.push({ listed: mine, agents });
    const row = mine ?? free(agents) ?? free(byId.get(facts.id));
    const cloud: Cloud = { accountId: account.id, kind: account.kind, ...facts, goneAt: null };
    const change = row
      ? changed(row, cloud, bandwidth, now)
      : added(idFor(facts.id, account, byId), cloud, bandwidth, now);
    if (change) result.changes.push(change);
  }
  for (const [id, row] of ofAccount) {
    if (seen.has(id) || row.cloud === null || row.cloud.goneAt !== null || unlistedRegions.has(row.cloud.region))
      continue;
    result.missing.push(id);
    if (missingBefore.has(id)) result.changes.push(gone(row, row.cloud, now));
  }
  return result;
}

/** An instance that no account lists yet. */
function free(row: InstanceRow | undefined): InstanceRow | undefined {
  return row?.accountId === null ? row : undefined;
}

/** The provider's id where it cannot be another's: a number might be. */
function idFor(
  id: string,
  { kind, id: accountId }: Listed["account"],
  known: ReadonlyMap<string, InstanceRow>,
): string {
  const candidates = [...(/^\d+$/.test(id) ? [] : [id]), `${kind}-${id}`, `${kind}-${accountId.slice(0, 8)}-${id}`];
  const free = candidates.find((candidate) => !known.has(candidate)) ?? crypto.randomUUID();
  return free.replace(/[^A-Za-z0-9._:@-]/g, "-").slice(0, INSTANCE_ID_LENGTH_MAX);
}

function added(id: string, cloud: Cloud, bandwidth: Omit<Bandwidth, "at"> | null, now: EpochMs): Change {
  const row: InstanceRow = {
    ...emptyRow(id, now),
    name: cloud.name,
    region: cloud.region,
    type: cloud.plan,
    os: cloud.image,
    tags: cloud.tags.slice(0, TAGS_MAX),
    accountId: cloud.accountId,
    accountInstanceId: cloud.id,
    cloud,
    bandwidth: bandwidth && { ...bandwidth, at: now },
  };
  return { row, isNew: true, events: [{ ...eventOf(id, now, "added"), after: cloud.name }] };
}

function changed(
  row: InstanceRow,
  cloud: Cloud,
  bandwidth: Omit<Bandwidth, "at"> | null,
  now: EpochMs,
): Change | undefined {
  const before = row.cloud;
  const isSame = before !== null && JSON.stringify(before) === JSON.stringify(cloud);
  // A list that tells only what is allowed leaves what was used as it was asked for.
  const traffic = bandwidth && { ...bandwidth, usedBytes: bandwidth.usedBytes ?? row.bandwidth?.usedBytes ?? null };
  const isTraffic = traffic !== null && isNews(row.bandwidth, traffic);
  if (isSame && !isTraffic) return undefined;
  const after: InstanceRow = {
    ...row,
    accountId: cloud.accountId,
    accountInstanceId: cloud.id,
    cloud,
    tags: before ? withTagsOf(row.tags, before.tags, cloud.tags) : withTagsOf(row.tags, [], cloud.tags),
    bandwidth: isTraffic ? { ...traffic, at: now } : row.bandwidth,
  };
  // An agent's own name for its machine, or a person's, is not the provider's to change.
  if (row.nameGiven === null && row.agentVersion === null) after.name = cloud.name;
  const events = isSame ? [] : eventsOfChange(row.id, before, cloud, now);
  const [from, to] = [before?.publicAddresses[0], cloud.publicAddresses[0]];
  return { row: after, isNew: false, events, ...(to !== undefined && from !== to && { movedTo: to }) };
}

function gone(row: InstanceRow, cloud: Cloud, now: EpochMs): Change {
  const after = { ...row, cloud: { ...cloud, goneAt: now } };
  return { row: after, isNew: false, events: [{ ...eventOf(row.id, now, "gone"), before: cloud.name }] };
}

function isNews(before: Bandwidth | null, after: Omit<Bandwidth, "at">): boolean {
  if (before === null || before.allowedBytes !== after.allowedBytes) return true;
  const scale = after.allowedBytes ?? after.usedBytes ?? 0;
  return Math.abs((after.usedBytes ?? 0) - (before.usedBytes ?? 0)) > scale * BANDWIDTH_NEWS;
}

/** The provider's tags come and go with it; those that people gave here stay. */
function withTagsOf(tags: readonly string[], before: readonly string[], after: readonly string[]): string[] {
  const kept = tags.filter((tag) => !before.includes(tag) || after.includes(tag));
  const fresh = after.filter((tag) => !before.includes(tag));
  return [...new Set([...kept, ...fresh])].slice(0, TAGS_MAX).sort();
}

const eventOf = (instanceId: string, at: EpochMs, kind: InstanceEvent["kind"]): NewEvent => {
  return { instanceId, at, kind, what: null, before: null, after: null };
};

/** What is worth telling of, beside the name and the status. */
const TOLD = ["plan", "region", "zone", "image", "publicAddresses", "privateAddresses", "impaired"] as const;

function eventsOfChange(id: string, before: Cloud | null, after: Cloud, now: EpochMs): NewEvent[] {
  if (before === null) return [{ ...eventOf(id, now, "merged"), after: after.id }];
  const events: NewEvent[] = [];
  if (before.goneAt !== null) events.push({ ...eventOf(id, now, "back"), after: after.name });
  if (before.name !== after.name)
    events.push({ ...eventOf(id, now, "renamed"), before: before.name, after: after.name });
  if (before.status !== after.status) events.push(statusEvent(id, before, after, now));
  for (const what of TOLD) {
    const [from, to] = [words(before[what]), words(after[what])];
    if (from !== to) events.push({ ...eventOf(id, now, "changed"), what, before: from, after: to });
  }
  return events;
}

function statusEvent(id: string, before: Cloud, after: Cloud, now: EpochMs): NewEvent {
  const kind = after.status === "running" ? "started" : after.status === "stopped" ? "stopped" : "changed";
  return {
    ...eventOf(id, now, kind),
    what: kind === "changed" ? "status" : null,
    before: before.statusText,
    after: after.statusText,
  };
}

function words(value: string | readonly string[] | null): string | null {
  return value === null || typeof value === "string" ? value : value.join(", ") || null;
}
