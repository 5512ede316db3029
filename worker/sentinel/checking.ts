import { REGION_NAMES, type Region } from "../../contract/regions.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import { regionsToConfirm } from "../checks/confirm.ts";
import { judgeHeartbeat } from "../checks/heartbeat.ts";
import { judgementAfter, sameJudgement, type Finding } from "../checks/judgement.ts";
import { observationOf } from "../checks/observation.ts";
import type { ProbeOrder } from "../checks/probe.ts";
import { ownWarning } from "../checks/shown-check.ts";
import { collect, heardOf, shownResults, type Answer } from "../checks/round.ts";
import { headersPurpose } from "../checks/sealed-columns.ts";
import { saveCheckJudgements, type NewCheckJudgement, type StoredSettings } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { accrue } from "../checks/uptime.ts";
import { judgeRound, type RoundFinding } from "../checks/verdict.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import type { Observation } from "../live/observed.ts";
import type { CheckAbout } from "../live/subjects.ts";
import { HOSTNAME_KEPT_MS } from "../settings.ts";
import type { Vault } from "../vault/vault.ts";
import type { Memory } from "./memory.ts";
import type { Probers } from "./probers.ts";

export interface RoundsDone {
  /** Rows as they are now. */
  rows: HealthCheckRow[];
  looked: number;
  /** Checks for which no time was left. */
  left: number;
  verdictsChanged: number;
}

/** Looks at what is due from all its regions, confirms what failed from others, and writes down what it came to. */
export class Checking {
  readonly #db: Database;
  readonly #vault: () => Vault;
  readonly #memory: Memory;
  readonly #probers: Probers;
  readonly #record: (observations: Observation[]) => Promise<void>;

  constructor(
    db: Database,
    vault: () => Vault,
    memory: Memory,
    probers: Probers,
    record: (observations: Observation[]) => Promise<void>,
  ) {
    this.#db = db;
    this.#vault = vault;
    this.#memory = memory;
    this.#probers = probers;
    this.#record = record;
  }

  async rounds(
    rows: readonly HealthCheckRow[],
    settings: StoredSettings,
    now: EpochMs,
    until: EpochMs,
  ): Promise<RoundsDone> {
    const beats = rows.filter(({ target }) => target.kind === "heartbeat");
    const own = [...settings.ownHostnames, ...hostnamesOf(this.#memory, now)];
    const ours = new Set(rows.filter((row) => ownWarning(row, own) !== null));
    const probed = rows.filter((row) => row.target.kind !== "heartbeat" && !ours.has(row));
    const orders = await this.#orders(probed, settings.allowsPrivateTargets);
    const told = (row: HealthCheckRow) =>
      ours.has(row) ? OWN : probed.includes(row) && !orders.has(row.id) ? SEALED : null;
    const answers = await this.#answers(
      probed.filter(({ id }) => orders.has(id)),
      orders,
      settings,
      until,
    );
    const observations: Observation[] = [];
    const judged: NewCheckJudgement[] = [];
    const after = rows.map((row) => {
      const known = told(row);
      const heard = known ? [] : answers.get(row.id);
      const found =
        known ??
        (row.target.kind === "heartbeat" ? beatFinding(row, now) : heard && judgeRound(row, heard, now, row.judgement));
      // One that was not looked at keeps what it came to last, and its turn.
      if (row.target.kind !== "heartbeat" && !heard) return row;
      this.#remember(row, heard ?? [], found ?? null, now);
      if (!found) return row;
      const isSame = sameJudgement(row.judgement, found);
      const judgement = isSame ? row.judgement! : judgementAfter(row.judgement, found, now);
      observations.push({ ...observationOf(row, heard ?? [], found, now), about: aboutOf(row, judgement) });
      if (isSame) return row;
      judged.push({ checkId: row.id, judgement });
      return { ...row, judgement };
    });
    // The round first: a verdict without one could not be explained.
    if (observations.length > 0) await this.#record(observations);
    await saveCheckJudgements(this.#db, judged);
    return {
      rows: after,
      looked: answers.size + beats.length + ours.size,
      left: orders.size - answers.size,
      verdictsChanged: judged.length,
    };
  }

  #remember(row: HealthCheckRow, heard: readonly Answer[], found: Finding | null, now: EpochMs): void {
    const before = this.#memory.checks.get(row.id);
    const verdict = found?.verdict ?? "unsure";
    const reachesHost = (found as RoundFinding | null)?.reachesHost ?? null;
    this.#memory.checks.set(row.id, {
      lastRoundAt: now,
      intervalMs: row.intervalMs,
      results: shownResults(heard, row),
      reachesHost,
      uptime: accrue(before?.uptime ?? null, { at: now, verdict }, row.intervalMs),
    });
  }

  /** What every region said, the confirming ones included; without those for which no time was left. */
  async #answers(
    rows: readonly HealthCheckRow[],
    orders: ReadonlyMap<string, ProbeOrder>,
    settings: StoredSettings,
    until: EpochMs,
  ): Promise<Map<string, Answer[]>> {
    const rounds = new Map<string, Answer[]>();
    const chosenFor = (row: HealthCheckRow) => row.regions ?? settings.regions;
    let wanted = grouped(rows, orders, chosenFor);
    while (wanted.size > 0) {
      const asked = await this.#probers.ask(wanted, until);
      for (const call of asked) collect(rounds, call);
      wanted = grouped(rows, orders, (row) => {
        const heard = rounds.get(row.id);
        if (!heard) return [];
        const byRegion = new Map(heard.map((answer) => [answer.region, heardOf(answer)]));
        return regionsToConfirm(chosenFor(row), byRegion, REGION_NAMES);
      });
      if (asked.length === 0) break;
    }
    // A round that was cut off before all its regions were asked would be a smaller quorum than was chosen.
    for (const row of rows) {
      const heard = rounds.get(row.id);
      if (heard && !chosenFor(row).every((region) => heard.some((answer) => answer.region === region)))
        rounds.delete(row.id);
    }
    return rounds;
  }

  /** What to ask of each; one whose headers do not open has none. */
  async #orders(rows: readonly HealthCheckRow[], allowsPrivate: boolean): Promise<Map<string, ProbeOrder>> {
    const orders = new Map<string, ProbeOrder>();
    for (const row of rows) {
      const order = await this.#orderFor(row, allowsPrivate);
      if (order) orders.set(row.id, order);
    }
    return orders;
  }

  async #orderFor(row: HealthCheckRow, allowsPrivate: boolean): Promise<ProbeOrder | undefined> {
    const { id: checkId, target, timeoutMs } = row;
    if (target.kind === "heartbeat") return undefined;
    if (target.kind !== "http" || row.headers === null) return { checkId, target, timeoutMs, allowsPrivate };
    try {
      const headers = JSON.parse(
        await this.#vault().open(row.headers, headersPurpose(checkId)),
      ) as typeof target.headers;
      return { checkId, target: { ...target, headers }, timeoutMs, allowsPrivate };
    } catch (error) {
      log({ event: "secret_unreadable", what: `headers of ${checkId}`, message: messageOf(error) });
      return undefined;
    }
  }
}

/** What rules go by beside the series of a check. */
function aboutOf({ name, instanceId, tags, target, intervalMs }: HealthCheckRow, judgement: Judgement): CheckAbout {
  return { name, instanceId, tags, kind: target.kind, everyMs: intervalMs, judgement };
}

/** What would be asked is this Nephos itself, or past what others meet. */
const OWN: Finding = {
  verdict: "unsure",
  reason: "Nephos' own hostname or zone: it cannot be told from here",
  witnesses: [],
};

/** Its key is gone, or what is kept was changed. */
const SEALED: Finding = {
  verdict: "unsure",
  reason: "its headers cannot be opened any more: enter them again",
  witnesses: [],
};

function grouped(
  rows: readonly HealthCheckRow[],
  orders: ReadonlyMap<string, ProbeOrder>,
  regionsOf: (row: HealthCheckRow) => readonly Region[],
): Map<Region, ProbeOrder[]> {
  const wanted = new Map<Region, ProbeOrder[]>();
  for (const row of rows) {
    const order = orders.get(row.id);
    if (!order) continue;
    for (const region of regionsOf(row)) {
      if (!wanted.has(region)) wanted.set(region, []);
      wanted.get(region)!.push(order);
    }
  }
  return wanted;
}

function beatFinding(row: HealthCheckRow, now: EpochMs): Finding | null {
  if (row.target.kind !== "heartbeat") return null;
  const { periodMs, graceMs } = row.target;
  const { name, resumedAt } = row;
  // A job that rested with its check is waited for as if both were new.
  const since = (at: EpochMs | null) => (at !== null && at >= (resumedAt ?? 0) ? at : null);
  const calls = { lastBeatAt: since(row.lastBeatAt), lastFailAt: since(row.lastFailAt) };
  const createdAt = Math.max(row.createdAt, resumedAt ?? 0);
  return judgeHeartbeat({ name, periodMs, graceMs, createdAt, ...calls }, now);
}

/** Hostnames at which this Nephos has been used lately: one that it has left is somebody else's some day. */
function hostnamesOf({ notes }: Memory, now: EpochMs): string[] {
  return Object.entries(notes.hostnames).flatMap(([name, usedAt]) => (usedAt > now - HOSTNAME_KEPT_MS ? [name] : []));
}
