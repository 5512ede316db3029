import { asc, eq } from "drizzle-orm";
import type { ShownProviderProblem } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { PROVIDER_ACCOUNTS_MAX } from "../settings.ts";
import { providerAccount, type ProviderAccountRow } from "./table.ts";

export async function listAccounts(db: Database): Promise<ProviderAccountRow[]> {
  return db.select().from(providerAccount).orderBy(asc(providerAccount.createdAt), asc(providerAccount.id));
}

export async function findAccount(db: Database, id: string): Promise<ProviderAccountRow | undefined> {
  return db.select().from(providerAccount).where(eq(providerAccount.id, id)).get();
}

export async function findAccountByKey(db: Database, keyHint: string): Promise<ProviderAccountRow | undefined> {
  return db.select().from(providerAccount).where(eq(providerAccount.keyHint, keyHint)).get();
}

/** False where there are too many already. */
export async function insertAccount(db: Database, row: ProviderAccountRow): Promise<boolean> {
  if ((await db.$count(providerAccount)) >= PROVIDER_ACCOUNTS_MAX) return false;
  await db.insert(providerAccount).values(row);
  return true;
}

export async function changeAccount(
  db: Database,
  id: string,
  change: Partial<Omit<ProviderAccountRow, "id">>,
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await db.update(providerAccount).set(change).where(eq(providerAccount.id, id));
}

export async function deleteAccount(db: Database, id: string): Promise<void> {
  await db.delete(providerAccount).where(eq(providerAccount.id, id));
}

/** What is wrong, as it is found. */
type FoundProblem = Pick<ShownProviderProblem, "code" | "message" | "remedy">;

/** The list was read, whole; `problem` where it left regions out. */
export async function noteDiscovered(
  db: Database,
  account: Pick<ProviderAccountRow, "id" | "problem">,
  problem: FoundProblem | null,
  now: EpochMs,
): Promise<void> {
  const shown = problem && shownProblem(account, problem, now);
  await changeAccount(db, account.id, { lastAttemptAt: now, lastDiscoveredAt: now, problem: shown });
}

/** Since when is kept from the first failure on. */
function shownProblem(
  { problem }: Pick<ProviderAccountRow, "problem">,
  { code, message, remedy }: FoundProblem,
  now: EpochMs,
): ShownProviderProblem {
  return { code, message, remedy, since: problem?.since ?? now };
}

/** It was not. */
export async function noteProblem(
  db: Database,
  account: Pick<ProviderAccountRow, "id" | "problem">,
  found: FoundProblem,
  now: EpochMs,
): Promise<void> {
  await changeAccount(db, account.id, { lastAttemptAt: now, problem: shownProblem(account, found, now) });
}
