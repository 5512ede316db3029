import { Listening } from "../tests/outside/listening.ts";

export interface Told {
  kind: string;
  incidentId: string;
  /** By `performance.now()`, when all of it was there. */
  at: number;
}

/** Takes what webhooks send, each channel at a path of its own. */
export class BenchReceiver {
  readonly #told = new Map<string, Told[]>();
  readonly #waiting = new Map<string, (told: Told) => void>();
  #listening!: Listening;

  static async start(): Promise<BenchReceiver> {
    const receiver = new BenchReceiver();
    receiver.#listening = await Listening.start(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const at = performance.now();
      response.writeHead(204).end();
      const { kind, incidentId } = JSON.parse(Buffer.concat(chunks).toString()) as Omit<Told, "at">;
      if (kind !== "test") receiver.#take(request.url!.slice(1), { kind, incidentId, at });
    });
    return receiver;
  }

  get url(): string {
    return this.#listening.url;
  }

  of(channel: string): readonly Told[] {
    return this.#told.get(channel) ?? [];
  }

  /** The next message to this channel; ask before what brings it. */
  next(channel: string): Promise<Told> {
    return new Promise((resolve) => this.#waiting.set(channel, resolve));
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  #take(channel: string, told: Told): void {
    const all = this.#told.get(channel);
    if (all) all.push(told);
    else this.#told.set(channel, [told]);
    this.#waiting.get(channel)?.(told);
    this.#waiting.delete(channel);
  }
}
