import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import { saveCheckJudgements } from "../../worker/checks/store.ts";
import { keptWith } from "../../worker/checks/uptime-report.ts";
import { readUptime, writeUptime } from "../../worker/checks/uptime-store.ts";
import type { Database } from "../../worker/db/client.ts";
import { listInstances, saveJudgements } from "../../worker/instances/store.ts";
import { checkPasts } from "./check-past.ts";
import type { DemoInstance } from "./fleet.ts";
import { instancePast, judgedAnew } from "./instance-past.ts";
import { judgementsOf, uptimeDays, type Past } from "./spells.ts";

/** Verdicts and uptime of the weeks before the demo began; of what has uptime already nothing is written. */
export async function fillVerdicts(db: Database, fleet: readonly DemoInstance[], bornAt: EpochMs): Promise<void> {
  // Not those that somebody has added since.
  const rows = (await listInstances(db)).filter(({ cloud, firstSeenAt }) => cloud !== null && firstSeenAt < bornAt);
  const [checks, instances] = [checkPasts(bornAt), rows.map((row) => instancePast(row, fleet, bornAt))];
  const known = await readUptime(
    db,
    [...checks, ...instances].map(({ id }) => id),
    false,
  );
  const isNew = ({ id }: Past) => !known.has(id);
  await judgeChecks(db, judged(checks.filter(isNew), bornAt));
  const byId = new Map(rows.map((row) => [row.id, row]));
  await judgeInstances(db, judged(instances.filter(isNew), bornAt), ({ id, judgement }) =>
    judgedAnew(byId.get(id)!, judgement, fleet, bornAt),
  );
  const nothing = { recent: [], older: [] };
  const kept = [...checks, ...instances].filter(isNew).map(({ id, spells, since }) => {
    return [id, keptWith(nothing, uptimeDays(spells, since, bornAt), bornAt)] as const;
  });
  await writeUptime(db, new Map(kept));
}

/** The last of each once more: of several that are written at once any may have been the last. */
async function judgeChecks(db: Database, all: readonly Judged[]): Promise<void> {
  for (const some of [all, lastOfEach(all)]) {
    await saveCheckJudgements(
      db,
      some.map(({ id, judgement }) => ({ checkId: id, judgement })),
    );
  }
}

async function judgeInstances(
  db: Database,
  all: readonly Judged[],
  standing: (last: Judged) => Judgement,
): Promise<void> {
  await saveJudgements(
    db,
    all.map(({ id, judgement, before }) => {
      const { since: at, reason: what, verdict: after } = judgement;
      return { instanceId: id, judgement, event: { instanceId: id, at, kind: "verdict", what, before, after } };
    }),
  );
  await saveJudgements(
    db,
    lastOfEach(all).map((last) => ({ instanceId: last.id, judgement: standing(last), event: null })),
  );
}

interface Judged {
  id: string;
  judgement: Judgement;
  before: Judgement["verdict"] | null;
}

function judged(pasts: readonly Past[], bornAt: EpochMs): Judged[] {
  return pasts.flatMap(({ id, spells, well, since, witnessesAt }) => {
    const all = judgementsOf(spells, well, since, bornAt).map((judgement) => {
      return { ...judgement, witnesses: witnessesAt?.(judgement.since) ?? [] };
    });
    return all.map((judgement, at) => ({ id, judgement, before: all[at - 1]?.verdict ?? null }));
  });
}

function lastOfEach(all: readonly Judged[]): Judged[] {
  return [...new Map(all.map((one) => [one.id, one])).values()];
}
