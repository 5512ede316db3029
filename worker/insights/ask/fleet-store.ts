import type { CheckKind } from "../../../contract/check-kinds.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { Verdict } from "../../../contract/verdict.ts";
import type { Database } from "../../db/client.ts";
import type { KnownCheck, KnownInstance } from "./ask-reader.ts";

/**
 * The fleet as far as questions are about it, in two statements: of each row only what is needed leaves the database. Who may see what is
 * decided here and not in the statement: D1 counts every tag that a query unpacks as a row.
 */

const INSTANCES = `SELECT id, name, tags, coalesce(cloud ->> 'region', region) AS region, coalesce(cloud ->> 'kind', cloud_kind) AS provider,
    coalesce(cloud ->> 'plan', type) AS plan, coalesce(os, cloud ->> 'image') AS os, cloud -> 'monthlyCost' AS listedCost,
    monthly_cost_given AS givenCost, bandwidth, cloud ->> 'goneAt' AS goneAt, boot_at AS bootAt, first_seen_at AS firstSeenAt,
    interval_ms AS intervalMs, judgement ->> 'verdict' AS verdict, judgement ->> 'since' AS since, judgement ->> 'reason' AS reason
  FROM instance`;

const CHECKS = `SELECT id, name, instance_id AS instanceId, tags, target ->> 'kind' AS kind, is_paused AS isPaused,
    judgement ->> 'verdict' AS verdict, judgement ->> 'since' AS since, judgement ->> 'reason' AS reason
  FROM health_check`;

interface Judged {
  verdict: Verdict | null;
  since: EpochMs;
  reason: string;
}

interface InstanceFound extends Judged, Omit<KnownInstance, "tags" | "monthlyCost" | "bandwidth" | "judgement"> {
  tags: string;
  listedCost: string | null;
  givenCost: string | null;
  bandwidth: string | null;
}

interface CheckFound extends Judged, Omit<KnownCheck, "tags" | "isPaused" | "judgement"> {
  tags: string;
  kind: CheckKind;
  isPaused: number;
}

/** Of somebody who is limited to these tags; null: all there is. Without what only the shard knows. */
export async function readFleet(db: Database, own: readonly string[] | null) {
  const client = db.$client;
  const [listed, looks] = await client.batch<unknown>([client.prepare(INSTANCES), client.prepare(CHECKS)]);
  const isSeen = ({ tags }: { tags: readonly string[] }) => own === null || tags.some((tag) => own.includes(tag));
  const instances = (listed!.results as InstanceFound[]).map(instanceOf).filter(isSeen);
  const ids = new Set(instances.map(({ id }) => id));
  // By their own tags, or by those of their instance.
  const checks = (looks!.results as CheckFound[])
    .map(checkOf)
    .filter((one) => isSeen(one) || (one.instanceId !== null && ids.has(one.instanceId)));
  return { instances: instances.sort(byName), checks: checks.sort(byName) };
}

function instanceOf({ tags, listedCost, givenCost, bandwidth, verdict, since, reason, ...plain }: InstanceFound) {
  // A JSON null is none; what the owner says comes before what the provider lists.
  const cost = (JSON.parse(givenCost ?? "null") ?? JSON.parse(listedCost ?? "null")) as KnownInstance["monthlyCost"];
  return {
    ...plain,
    tags: JSON.parse(tags) as string[],
    monthlyCost: cost,
    bandwidth: JSON.parse(bandwidth ?? "null") as KnownInstance["bandwidth"],
    judgement: verdict === null ? null : { verdict, since, reason },
  };
}

function checkOf({ tags, isPaused, verdict, since, reason, ...plain }: CheckFound): KnownCheck {
  const judgement = verdict === null || isPaused === 1 ? null : { verdict, since, reason };
  return { ...plain, tags: JSON.parse(tags) as string[], isPaused: isPaused === 1, judgement };
}

const byName = (a: { id: string; name: string }, b: { id: string; name: string }) =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
