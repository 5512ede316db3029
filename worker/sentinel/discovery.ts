import type { Credentials, ProviderKind } from "../../contract/providers.ts";
import { PROVIDERS } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import { moveDefaultChecks } from "../checks/moving.ts";
import type { Database } from "../db/client.ts";
import { saveFound } from "../instances/found-store.ts";
import { mergeInstances } from "../instances/merge.ts";
import { reconcile, type Change } from "../instances/reconcile.ts";
import { findInstance, listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { Found } from "../live/observed.ts";
import { PROVIDER_REGISTRY } from "../providers/index.ts";
import { ProviderProblem, type Page, type Provider, type Session } from "../providers/provider.ts";
import { asking } from "../providers/request.ts";
import { credentialsPurpose } from "../providers/sealed-columns.ts";
import { listAccounts, noteDiscovered, noteProblem } from "../providers/store.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import { DISCOVERED_PER_ACCOUNT_MAX } from "../settings.ts";
import type { Vault } from "../vault/vault.ts";
import { Lane } from "./lane.ts";
import type { Listing, Memory } from "./memory.ts";
import { BudgetSpent, type RequestBudget } from "./request-budget.ts";

/** What a look at one account came to. */
export interface Discovered {
  found: number;
  added: number;
  changed: number;
  gone: number;
  isPartial: boolean;
}

/** Whom it tells of what it has written. */
export interface DiscoveryListener {
  found(instances: Found[]): Promise<void>;
  removed(row: InstanceRow): Promise<void>;
}

/** Regions named in one sentence. */
const UNLISTED_NAMED_MAX = 5;
/** Provider sessions of an event share what they have asked for: names of regions, prices. Kept for an hour. */
const MEMO_KEPT_MS = 3_600_000;

/** Lists accounts at their providers and holds what they list against what is known. */
export class Discovery {
  readonly #db: Database;
  readonly #vault: () => Vault;
  readonly #memory: Memory;
  readonly #on: DiscoveryListener;
  readonly #lane = new Lane();
  #memos = new Map<string, { at: EpochMs; memo: Map<string, unknown> }>();

  constructor(db: Database, vault: () => Vault, memory: Memory, on: DiscoveryListener) {
    this.#db = db;
    this.#vault = vault;
    this.#memory = memory;
    this.#on = on;
  }

  /**
   * Goes on with the list of this account, until it is whole or time and requests are used up. A provider that fails leaves what is
   * known as it is: the problem is written down with the account, and thrown. One list at a time: of two that are held against the same
   * knowledge at once both would tell the same news. `fleet` is what is known, where it has been read already, and is kept up.
   */
  discover(
    account: ProviderAccountRow,
    budget: RequestBudget,
    now: EpochMs,
    until: EpochMs,
    fleet?: InstanceRow[],
  ): Promise<Discovered> {
    return this.#lane.run(() => this.#discover(account, budget, now, until, fleet));
  }

  async #discover(
    account: ProviderAccountRow,
    budget: RequestBudget,
    now: EpochMs,
    until: EpochMs,
    fleet: InstanceRow[] | undefined,
  ): Promise<Discovered> {
    try {
      const session = await this.session(account, budget, now);
      const { listing, isWhole } = await this.#list(account, session, budget, until);
      const changes = await this.#apply(account, listing, isWhole, now, fleet);
      if (isWhole) await noteDiscovered(this.#db, account, unlistedProblem(listing.unlisted), now);
      const goneNow = ({ row }: Change) => row.cloud?.goneAt === now;
      return {
        found: listing.found.length,
        added: changes.filter(({ isNew }) => isNew).length,
        changed: changes.filter((change) => !change.isNew && !goneNow(change)).length,
        gone: changes.filter(goneNow).length,
        isPartial: !isWhole,
      };
    } catch (error) {
      if (!(error instanceof ProviderProblem)) throw error;
      this.#memory.listings.delete(account.id);
      await noteProblem(this.#db, account, error, now);
      throw error;
    }
  }

  /** What a provider is given; also to try a key that is not kept yet. */
  async session(
    account: Pick<ProviderAccountRow, "id" | "kind" | "endpoint" | "credentials">,
    budget: RequestBudget,
    now: EpochMs,
  ): Promise<Session<ProviderKind>> {
    const sealed = await this.#vault().open(account.credentials, credentialsPurpose(account.id));
    const known = this.#memos.get(account.id);
    const memo = known && now - known.at < MEMO_KEPT_MS ? known : { at: now, memo: new Map<string, unknown>() };
    this.#memos.set(account.id, memo);
    return {
      credentials: JSON.parse(sealed) as Credentials,
      endpoint: account.endpoint,
      ask: asking({
        name: PROVIDERS[account.kind],
        spend: () => budget.spend(),
        wait: (ms) => scheduler.wait(ms),
        random: Math.random,
      }),
      now,
      memo: memo.memo,
    };
  }

  /** Another key, another address: nothing that was asked with the one before counts. */
  forget(accountId: string): void {
    this.#memos.delete(accountId);
    this.#memory.listings.delete(accountId);
    delete this.#memory.notes.missing[accountId];
  }

  async #list(
    account: ProviderAccountRow,
    session: Session<ProviderKind>,
    budget: RequestBudget,
    until: EpochMs,
  ): Promise<{ listing: Listing; isWhole: boolean }> {
    const provider = PROVIDER_REGISTRY[account.kind] as Provider<ProviderKind>;
    const kept = this.#memory.listings.get(account.id);
    const listing: Listing = kept ?? { found: [], next: "", unlisted: [] };
    this.#memory.listings.delete(account.id);
    let from: string | null = kept ? kept.next : null;
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst && (Date.now() > until || budget.left < provider.requestsPerPage)) break;
      let page: Page;
      try {
        page = await provider.page(session, from);
      } catch (error) {
        if (!(error instanceof BudgetSpent)) throw error;
        break;
      }
      listing.found.push(...page.instances);
      listing.unlisted.push(...page.unlisted);
      from = page.next;
      if (from === null) return { listing, isWhole: true };
      if (listing.found.length > DISCOVERED_PER_ACCOUNT_MAX) {
        throw new ProviderProblem(
          "not_understood",
          `The account lists more than ${DISCOVERED_PER_ACCOUNT_MAX.toLocaleString("en")} instances.`,
          "Give Nephos keys of smaller parts of it: projects, regions, sub-accounts.",
        );
      }
    }
    if (from !== null) this.#memory.listings.set(account.id, { ...listing, next: from });
    return { listing, isWhole: false };
  }

  async #apply(
    account: ProviderAccountRow,
    listing: Listing,
    isWhole: boolean,
    now: EpochMs,
    fleet: InstanceRow[] | undefined,
  ): Promise<Change[]> {
    const known = fleet ?? (await listInstances(this.#db));
    const { missing } = this.#memory.notes;
    const {
      changes,
      merges,
      missing: missingNow,
    } = reconcile(
      known,
      {
        account,
        found: listing.found,
        takesFrom: await this.#accountsAway(known, account),
        unlistedRegions: new Set(listing.unlisted.map(({ region }) => region)),
        // Of a list that is not whole nothing is missing.
        missingBefore: new Set(isWhole ? missing[account.id] : []),
      },
      now,
    );
    // Before the rows: once those are written, the next list shows no change any more.
    await moveDefaultChecks(
      this.#db,
      changes.flatMap(({ row, movedTo }) => (movedTo ? [{ id: row.id, to: movedTo }] : [])),
    );
    await saveFound(this.#db, changes);
    if (fleet) keepUp(fleet, changes);
    if (isWhole) missing[account.id] = missingNow;
    if (changes.length > 0) await this.#on.found(changes.map(foundOf));
    const fresh = changes.filter(({ isNew }) => isNew).map(({ row }) => ({ id: row.id, since: now }));
    this.#memory.notes.doors.push(...fresh);
    this.#memory.notes.hasNewDoors ||= fresh.length > 0;
    for (const { listed, agents } of merges) await this.#merge(listed, agents, now);
    return changes;
  }

  /** Other accounts that do not list their machines any more: whoever lists one of these takes it over. */
  async #accountsAway(known: readonly InstanceRow[], account: ProviderAccountRow): Promise<Set<string>> {
    const others = new Set(known.flatMap(({ accountId }) => accountId ?? []));
    others.delete(account.id);
    if (others.size === 0) return others;
    for (const { id, isPaused, problem } of await listAccounts(this.#db))
      if (!isPaused && problem === null) others.delete(id);
    return others;
  }

  async #merge(listed: InstanceRow, agents: InstanceRow, now: EpochMs): Promise<void> {
    const [from, into] = await Promise.all([findInstance(this.#db, listed.id), findInstance(this.#db, agents.id)]);
    if (!from || !into) return;
    const merged = await mergeInstances(this.#db, from, into, now);
    const { instances } = this.#memory;
    const state = instances.get(from.id);
    if (state && !instances.get(into.id)?.uptime) instances.set(into.id, state);
    instances.delete(from.id);
    await this.#on.removed(from);
    await this.#on.found([merged]);
  }
}

/** The list that was read, as the database has it now. */
function keepUp(fleet: InstanceRow[], changes: readonly Change[]): void {
  const places = new Map(fleet.map(({ id }, index) => [id, index]));
  for (const { row } of changes) {
    const place = places.get(row.id);
    if (place === undefined) fleet.push(row);
    else fleet[place] = row;
  }
}

/** Regions that could not be listed, in a sentence: an account is not well because the rest of it is. */
function unlistedProblem(unlisted: Listing["unlisted"]): ProviderProblem | null {
  const [first] = unlisted;
  if (!first) return null;
  const regions = [...new Set(unlisted.map(({ region }) => region))];
  const named =
    regions.slice(0, UNLISTED_NAMED_MAX).join(", ") + (regions.length > UNLISTED_NAMED_MAX ? " and others" : "");
  return new ProviderProblem(
    "unavailable",
    `Not listed: ${named}. ${first.message}`,
    "What is known of these regions stays as it is. Where they are not meant to be watched, choose the regions with the key.",
  );
}

/** What the shard is told of a change: the provider's columns. */
export function foundOf({ row, isNew }: Change): Found {
  const { id, name, tags, accountId, accountInstanceId, cloud, bandwidth } = row;
  return { id, name, tags, accountId, accountInstanceId, cloud, bandwidth, ...(isNew && { isNew: row }) };
}
