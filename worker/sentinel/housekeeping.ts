import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { deleteStale } from "../accounts/store.ts";
import { deleteOldIncidents } from "../alerts/incident-store.ts";
import { deleteOldSilences } from "../alerts/silence-store.ts";
import { recordDone } from "../audit/record.ts";
import { deleteAuditEntriesBefore } from "../audit/store.ts";
import { deleteExpired } from "../auth/store.ts";
import { deleteChangesBefore } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import { sweepAnswers } from "../insights/snowflake/answer-store.ts";
import { sweepInsights } from "../insights/store.ts";
import { deleteEventsBefore } from "../instances/store.ts";
import { deleteOldNotifications } from "../notify/store.ts";
import { SEALED_COLUMNS } from "../sealed-columns.ts";
import { deleteExpiredBlocks } from "../series/block-store.ts";
import { deleteEmptyRings } from "../series/ring-store.ts";
import { deleteStreamsBefore } from "../series/store.ts";
import {
  AUDIT_ENTRIES_PER_DAY_MAX,
  EVENTS_KEPT_MS,
  EVENTS_PER_DAY_MAX,
  EXPIRED_BLOCKS_PER_DAY_MAX,
  INCIDENTS_KEPT_MS,
  INCIDENTS_PER_DAY_MAX,
  RESEALED_PER_TICK_MAX,
  STEP_BUDGET_MS,
} from "../settings.ts";
import { reseal } from "../vault/reseal.ts";
import type { Vault } from "../vault/vault.ts";
import type { Step } from "./steps.ts";

/** What keeping house asks of others. */
export interface Others {
  endStaleSockets(): Promise<void>;
  sweepDesk(): Promise<void>;
  vault(): Vault;
  auditRetentionMs: DurationMs;
}

/** What is past its time is removed, bounded each time. */
export function housekeeping(db: Database, others: Others, now: EpochMs): Step[] {
  return stepsOf({
    sessions: () => deleteExpired(db, now),
    sockets: () => others.endStaleSockets(),
    signIns: () => deleteStale(db, now),
    async secrets() {
      const resealed = await reseal(db, others.vault(), SEALED_COLUMNS, RESEALED_PER_TICK_MAX);
      if (resealed === 0) return;
      const actor = { id: null, name: "Nephos", via: null, address: null };
      await recordDone(db, actor, { action: "secrets.resealed", after: `${resealed} secrets` }, now);
    },
  });
}

/** What reads much: once a day, with its first tick. */
export function dailyHousekeeping(db: Database, others: Others, now: EpochMs): Step[] {
  return stepsOf({
    async expired() {
      // Looking through all of them is paid too, and rings need it only where an instance fell silent or days were lowered.
      const blocks = await deleteExpiredBlocks(db, now, EXPIRED_BLOCKS_PER_DAY_MAX);
      await deleteEmptyRings(db);
      return { says: `${blocks} blocks` };
    },
    streams: () => deleteStreamsBefore(db, now - SAMPLE_AGE_MAX_MS),
    async events() {
      await deleteEventsBefore(db, now - EVENTS_KEPT_MS, EVENTS_PER_DAY_MAX);
      await deleteChangesBefore(db, now - EVENTS_KEPT_MS, EVENTS_PER_DAY_MAX);
    },
    async incidents() {
      await deleteOldIncidents(db, now - INCIDENTS_KEPT_MS, INCIDENTS_PER_DAY_MAX);
      await deleteOldNotifications(db, now - INCIDENTS_KEPT_MS, INCIDENTS_PER_DAY_MAX);
      await deleteOldSilences(db, now - INCIDENTS_KEPT_MS, INCIDENTS_PER_DAY_MAX);
    },
    async findings() {
      await sweepInsights(db, now);
      await sweepAnswers(db, now);
    },
    audit: () => deleteAuditEntriesBefore(db, now - others.auditRetentionMs, AUDIT_ENTRIES_PER_DAY_MAX),
    attempts: () => others.sweepDesk(),
  });
}

function stepsOf(steps: Record<string, Step["run"]>): Step[] {
  return Object.entries(steps).map(([name, run]) => ({ name, budgetMs: STEP_BUDGET_MS.usual, run }));
}
