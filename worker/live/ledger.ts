import type { IngestReply } from "../../contract/ingest.ts";
import type { Operations } from "../../contract/operations.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { log } from "../log.ts";
import { FLUSH_EVERY_MS, SAMPLES_PER_MESSAGE } from "../settings.ts";
import { usage } from "../usage.ts";
import { Meter } from "./meter.ts";
import { DATABASE_BYTES_MAX, forecastOf, PLAN_LIMITS, thriftOf, type Thrift } from "./thrift.ts";

type Known = "agents" | "retention";
type Of<Part extends "flush" | "storage", Field extends string> = Omit<Operations[Part], Field>;

/** What a shard adds to the picture of what it costs. */
export type ShardReport = Pick<Operations, Known> & {
  flush: Of<"flush", "everyMs" | "usualMs">;
  storage: Of<"storage", "databaseBytes" | "databaseBytesMax">;
};

/** What is used of the plan, and how sparing to be for it. */
export class Ledger {
  readonly meter: Meter;
  readonly #plan: Operations["plan"];
  /** Whether memory is short, so that blocks are written twice as often. */
  readonly #isShort: () => boolean;
  #thrift: Thrift = { stage: "normal", because: null };

  constructor(storage: DurableObjectStorage, plan: Operations["plan"], isShort: () => boolean) {
    this.meter = new Meter(storage);
    this.#plan = plan;
    this.#isShort = isShort;
  }

  /** Runs one call of the object, counted. */
  async called<Result>(run: (now: EpochMs) => Promise<Result>): Promise<Result> {
    const now = Date.now();
    this.meter.call(now);
    try {
      return await run(now);
    } finally {
      this.meter.busy(now, Date.now() - now);
    }
  }

  /** Keeps the counts now and then, and draws the conclusions. */
  async save(now: EpochMs): Promise<void> {
    if (!(await this.meter.save(now))) return;
    const { today } = await this.meter.today(now);
    const thrift = thriftOf(today.used, this.#plan);
    if (thrift.stage !== this.#thrift.stage) log({ event: "thrift", ...thrift });
    this.#thrift = thrift;
  }

  get flushEveryMs(): DurationMs {
    const everyMs = FLUSH_EVERY_MS[this.#thrift.stage];
    return this.#isShort() ? everyMs / 2 : everyMs;
  }

  get samplesPerMessage(): number {
    return SAMPLES_PER_MESSAGE[this.#thrift.stage];
  }

  /** The reply to a sender, which is told to gather where that saves. */
  withThrift(reply: IngestReply): IngestReply {
    const { samplesPerMessage } = this;
    return samplesPerMessage === 1 ? reply : { ...reply, samplesPerMessage };
  }

  async report(now: EpochMs, shard: ShardReport): Promise<Omit<Operations, "steps">> {
    const { today, marks, begunAt, socketMessages } = await this.meter.today(now);
    return {
      ...shard,
      now,
      plan: this.#plan,
      limits: PLAN_LIMITS[this.#plan],
      today,
      forecast: forecastOf(today.used, marks, now, begunAt),
      before: await this.meter.before(now),
      socketMessages,
      thrift: this.#thrift,
      flush: { ...shard.flush, everyMs: this.flushEveryMs, usualMs: FLUSH_EVERY_MS.normal },
      storage: {
        ...shard.storage,
        databaseBytes: usage.databaseBytes,
        databaseBytesMax: DATABASE_BYTES_MAX[this.#plan],
      },
    };
  }
}
