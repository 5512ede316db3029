import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { readingsOf } from "../live/incoming.ts";
import type { Directory } from "../series/block/directory.ts";
import { unpackSamples } from "../series/block/samples.ts";
import { fromHex } from "../series/hex.ts";
import { onlyShard } from "./agent-socket.ts";
import { post } from "./people.ts";

/** The real shard and the real database, with tables that can be taken away for a while. */
export class Edge {
  #away: string | undefined;

  get isFailing(): boolean {
    return this.#away !== undefined;
  }

  async fail(table: "block" | "stream"): Promise<void> {
    if (this.#away) return;
    await env.DB.exec(`ALTER TABLE ${table} RENAME TO ${table}_away`);
    this.#away = table;
  }

  async heal(): Promise<void> {
    if (this.#away) await env.DB.exec(`ALTER TABLE ${this.#away}_away RENAME TO ${this.#away}`);
    this.#away = undefined;
  }

  async #table<Row>(name: "block" | "stream", columns: string, id: string): Promise<Row[]> {
    const from = this.#away === name ? `${name}_away` : name;
    const where = name === "block" ? "AND tier = 0" : "";
    const asked = env.DB.prepare(`SELECT ${columns} FROM ${from} WHERE instance_id = ? ${where}`);
    return (await asked.bind(id).all<Row>()).results;
  }

  /**
   * What is in blocks of this instance: every row, by stream id and number. While a block moves to another ring it is in both, and
   * counts once.
   */
  async stored(id: string) {
    const streams = await this.#table<{ id: string; number: number; clockOffsetMs: number }>(
      "stream",
      "id, number, clock_offset_ms AS clockOffsetMs",
      id,
    );
    const blocks = await this.#table<{ slot: number; count: number; directory: string; data: string }>(
      "block",
      "slot, count, directory, hex(data) AS data",
      id,
    );
    const slotOf = new Map<string, number>();
    return blocks.flatMap(({ slot, count, directory, data }) => {
      const block = { count, directory: JSON.parse(directory) as Directory, data: fromHex(data) };
      const read = unpackSamples(block, (series) => expect.unreachable(`${series} cannot be read`)).samples();
      const here = read.filter(({ stream, seq, at }) => {
        const name = `${stream} ${seq} ${at}`;
        if (!slotOf.has(name)) slotOf.set(name, slot);
        return slotOf.get(name) === slot;
      });
      return here.map(({ at, stream, seq, keys, values }) => {
        const known = streams.find(({ number }) => number === stream);
        return {
          stream: known?.id ?? "",
          at: at - (known?.clockOffsetMs ?? 0),
          seq,
          metrics: readingsOf({ keys, values }),
        };
      });
    });
  }

  async evict(webSockets: "close" | "hibernate"): Promise<void> {
    // It must be awake for that.
    await onlyShard().held([], []);
    await evictDurableObject(onlyShard(), { webSockets });
  }
}

/** A sender that keeps nothing: what was answered 200 must not be lost. */
export class ForgetfulSender {
  readonly id: string;
  readonly answered = new Map<number, number>();
  readonly #secret: string;
  #at: number;

  constructor(id: string, secret: string, at: number) {
    [this.id, this.#secret, this.#at] = [id, secret, Math.floor(at / 1_000) * 1_000];
  }

  async send(value: number): Promise<void> {
    this.#at += 60_000;
    const metrics = [{ name: "load_average_1min", value, unit: "count", timestamp: new Date(this.#at).toISOString() }];
    const reply = await post(this.#secret, { instanceId: this.id, metrics });
    if (reply.status === 200) this.answered.set(this.#at, value);
    else expect(reply.status).toBe(503);
  }
}
