import { PROVIDERS } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import { judgeInstance } from "../../worker/checks/instance-verdict.ts";
import { judgementAfter } from "../../worker/checks/judgement.ts";
import type { InstanceRow } from "../../worker/instances/table.ts";
import { checkWord } from "./check-past.ts";
import type { DemoInstance } from "./fleet.ts";
import { LIVE_INTERVAL_MS } from "./live.ts";
import { LOOKS, spellsOf } from "./looks.ts";
import { CONNECTED_BEFORE_MS, IMPAIRED_ID, impairedAt, REBUILT_ID, rebuiltAt, stoppedAt } from "./machines.ts";
import { inOrder, type Past, type Spell } from "./spells.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What an instance has been through: what its checks saw, what its agent did, and what its cloud said. */
export function instancePast(
  row: Pick<InstanceRow, "id" | "cloud" | "firstSeenAt">,
  fleet: readonly DemoInstance[],
  bornAt: EpochMs,
): Past {
  const number = fleet.findIndex(({ facts }) => facts.id === row.id);
  const cloud = row.cloud ? PROVIDERS[row.cloud.kind] : "";
  const since = Math.max(row.firstSeenAt, bornAt - CONNECTED_BEFORE_MS);
  if (number === -1)
    return { id: row.id, spells: inOrder(agentlessSpells(row, cloud, bornAt)), well: `${cloud} says running`, since };
  const { trouble } = fleet[number]!;
  const own = trouble === "stopped" ? [stopped(cloud, bornAt)] : trouble === "gap" ? [silence(bornAt)] : [];
  const seen = LOOKS.flatMap((look, at) =>
    look.instance === number ? spellsOf(look, at, bornAt).flatMap(asItsHost) : [],
  );
  const well = LOOKS.some(({ instance }) => instance === number) ? "host answers and agent speaks" : "agent speaks";
  return { id: row.id, spells: inOrder([...own, ...seen]), well, since: bornAt - CONNECTED_BEFORE_MS };
}

/** A check that is down while the agent speaks; what nobody could tell from outside, the agent could. */
function asItsHost(spell: Spell): Spell[] {
  if (spell.verdict === "unsure") return [];
  const reason = spell.verdict === "down" ? `host up, ${spell.reason}` : spell.reason;
  return [{ ...spell, verdict: "degraded", reason }];
}

function stopped(cloud: string, bornAt: EpochMs): Spell {
  return { from: stoppedAt(bornAt), to: Infinity, verdict: "down", reason: `${cloud} says stopped` };
}

function silence(bornAt: EpochMs): Spell {
  const from = bornAt - 5 * HOUR_MS;
  const reason = "agent silent for 3 min, host answers";
  return { from: from + 3 * MINUTE_MS, to: from + 40 * MINUTE_MS, verdict: "degraded", reason };
}

function agentlessSpells({ id, cloud }: Pick<InstanceRow, "id" | "cloud">, name: string, bornAt: EpochMs): Spell[] {
  const spells: Spell[] = [];
  if (id === IMPAIRED_ID) {
    spells.push({ from: impairedAt(bornAt), to: Infinity, verdict: "degraded", reason: `${name} finds it impaired` });
  }
  if (id === REBUILT_ID) spells.push({ ...rebuiltAt(bornAt), verdict: "down", reason: `${name} says stopped` });
  // Its API did not answer for some hours: nobody could tell of machines without an agent.
  const from = bornAt - 17 * DAY_MS;
  if (cloud?.kind === "vultr") {
    spells.push({ from, to: from + 3 * HOUR_MS, verdict: "unsure", reason: `${name} has not answered for 15 min` });
  }
  return spells;
}

/** The verdict it has when the demo begins, with everybody who is heard of it. */
export function judgedAnew(
  row: Pick<InstanceRow, "id" | "cloud">,
  before: Judgement,
  fleet: readonly DemoInstance[],
  bornAt: EpochMs,
): Judgement {
  const number = fleet.findIndex(({ facts }) => facts.id === row.id);
  const checks = LOOKS.flatMap((look, at) =>
    look.instance === number && !look.isPaused ? [checkWord(look, at, bornAt)] : [],
  );
  const lastSampleAt = fleet[number]?.trouble === "stopped" ? stoppedAt(bornAt) : bornAt;
  const agent = number === -1 ? null : { lastSampleAt, intervalMs: LIVE_INTERVAL_MS };
  const { kind, status, statusText, impaired } = row.cloud!;
  const provider = { name: PROVIDERS[kind], status, statusText, impaired, asOf: bornAt, isFresh: true };
  return judgementAfter(before, judgeInstance({ provider, agent, checks }, bornAt)!, bornAt);
}
