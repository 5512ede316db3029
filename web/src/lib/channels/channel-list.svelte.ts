import type { Endpoints } from "../../../../contract/api.ts";
import type { Channel } from "../../../../contract/channels.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export const REFRESH_EVERY_MS: DurationMs = 15_000;

export type NewChannelBody = Endpoints["POST /api/channels"]["body"];
export type ChangeBody = Endpoints["PATCH /api/channels/:id"]["body"];
/** What a test came to: the provider's answer, or why there is none. */
export type Tested = { answer: string; tookMs: number } | { problem: string };

/** The channels, and what can be done with them. */
export class ChannelList {
  /** The last answer; it stays while the server does not answer. */
  given = $state.raw<Endpoints["GET /api/channels"]["reply"] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Channels that are being tested or changed right now, by id. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  tested = $state.raw<ReadonlyMap<string, Tested>>(new Map());

  get list(): Channel[] | null {
    return this.given?.channels ?? null;
  }

  async load(): Promise<void> {
    try {
      this.given = await call("GET /api/channels");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  channelOf(id: string): Channel | undefined {
    return this.list?.find((channel) => channel.id === id);
  }

  async add(body: NewChannelBody): Promise<Channel> {
    return this.#put(await call("POST /api/channels", { body }));
  }

  async change(id: string, body: ChangeBody): Promise<Channel> {
    return this.#while(id, async () => this.#put(await call("PATCH /api/channels/:id", { params: { id }, body })));
  }

  async remove(id: string): Promise<void> {
    await call("DELETE /api/channels/:id", { params: { id } });
    this.#set((list) => list.filter((channel) => channel.id !== id));
  }

  /** Sends a test; what came of it stands with the channel until the next one. */
  test(id: string): Promise<void> {
    return this.#while(id, async () => {
      const result = await call("POST /api/channels/:id/test", { params: { id } }).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        // What it advises is for whoever enters a way; here it is what the provider said that counts.
        return { problem: error.code === "channel_refused" ? error.message : problemOf(error).text };
      });
      this.tested = new Map([...this.tested, [id, result]]);
      await this.load();
    });
  }

  #put(channel: Channel): Channel {
    this.#set((list) =>
      list.some(({ id }) => id === channel.id)
        ? list.map((other) => (other.id === channel.id ? channel : other))
        : [...list, channel],
    );
    return channel;
  }

  #set(change: (list: Channel[]) => Channel[]): void {
    if (this.given) this.given = { ...this.given, channels: change(this.given.channels) };
  }

  async #while<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    this.busy = new Set([...this.busy, id]);
    try {
      return await work();
    } finally {
      this.busy = new Set([...this.busy].filter((other) => other !== id));
    }
  }
}
