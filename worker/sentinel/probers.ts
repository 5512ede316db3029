import { CHECK_TIMEOUT_MAX_MS } from "../../contract/limits.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Region } from "../../contract/regions.ts";
import type { ProbeOrder, RegionReport } from "../checks/probe.ts";
import type { RegionalProber } from "../checks/regional-prober.ts";
import { log, messageOf } from "../log.ts";
import { planOf } from "../live/thrift.ts";
import { PROBER_CALL_MS, PROBES_PER_CALL } from "../settings.ts";
import { usage } from "../usage.ts";

/** With less time left a call would only find out that there is none. */
const CALL_LEAST_MS: DurationMs = CHECK_TIMEOUT_MAX_MS + 2_000;

/** One call of a region's prober; `report` is null where it failed. */
export interface Asked {
  region: Region;
  at: EpochMs;
  checkIds: string[];
  report: RegionReport | null;
}

/** The places to look from. */
export class Probers {
  readonly #env: Env;
  readonly #controls: string[];
  readonly #perCall: number;

  constructor(env: Env) {
    this.#env = env;
    this.#controls = env.CONTROL_URLS.split(/\s+/).filter(Boolean);
    this.#perCall = PROBES_PER_CALL[planOf(env)];
  }

  /**
   * Asks every region at once, each for so many targets a call, one call after the other. What is not begun by `until` is left out: the
   * answer holds what was asked.
   */
  async ask(wanted: ReadonlyMap<Region, readonly ProbeOrder[]>, until: EpochMs): Promise<Asked[]> {
    const asked: Asked[] = [];
    await Promise.all(
      [...wanted].map(async ([region, orders]) => {
        for (let first = 0; first < orders.length && Date.now() < until - CALL_LEAST_MS; first += this.#perCall)
          asked.push(await this.#call(region, orders.slice(first, first + this.#perCall), until - Date.now()));
      }),
    );
    return asked;
  }

  async #call(region: Region, orders: ProbeOrder[], leftMs: DurationMs): Promise<Asked> {
    const at = Date.now();
    const checkIds = orders.map(({ checkId }) => checkId);
    try {
      const budgetMs = Math.min(PROBER_CALL_MS, leftMs);
      const report = await this.#prober(region).probe({ region, orders, budgetMs, controls: this.#controls });
      usage.object(1, report.busyMs);
      return { region, at, checkIds, report };
    } catch (error) {
      usage.object(1, Date.now() - at);
      log({ event: "prober_failed", region, message: messageOf(error) });
      return { region, at, checkIds, report: null };
    }
  }

  /** The first call of all decides where the object lives: near the place it is named after. */
  #prober(region: Region): DurableObjectStub<RegionalProber> {
    const { PROBER } = this.#env;
    const options = { locationHint: region };
    return PROBER.get(PROBER.idFromName(region), options) as unknown as DurableObjectStub<RegionalProber>;
  }
}
