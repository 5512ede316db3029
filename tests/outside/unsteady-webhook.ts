import { setTimeout } from "node:timers/promises";
import type { Chance } from "../chance.ts";
import { Listening } from "./listening.ts";

/** What came about an incident, and was taken. */
export interface Came {
  id: string;
  /** Where it was sent to, within this receiver. */
  path: string;
  incidentId: string;
  kind: string;
}

const ANSWERS_AFTER_MS = [0, 40] as const;
const FAILS = 0.15;

/**
 * Somebody's own receiver on a bad day: it takes what comes and answers a little later, or takes nothing and answers 500. What it has taken
 * it keeps, whether or not whoever sent it lived to hear the answer.
 */
export class UnsteadyWebhook {
  /** In the order in which it came. */
  readonly came: Came[] = [];
  /** What should not have been sent so. */
  readonly complaints: string[] = [];
  failed = 0;
  #listening!: Listening;

  static async start(chance: Chance): Promise<UnsteadyWebhook> {
    const webhook = new UnsteadyWebhook();
    webhook.#listening = await Listening.start(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { id, kind, incidentId } = JSON.parse(Buffer.concat(chunks).toString()) as Omit<Came, "path">;
      if (request.headers["nephos-id"] !== encodeURIComponent(id)) webhook.complaints.push(`${id}: another nephos-id`);
      if (!/^t=\d+,v1=[0-9a-f]{64}$/.test(String(request.headers["nephos-signature"])))
        webhook.complaints.push(`${id}: not signed`);
      // A test is answered at once: a channel is made by it, and not what is looked at here.
      const isAbout = typeof incidentId === "string";
      const hasFailed = isAbout && chance.happens(FAILS);
      if (hasFailed) webhook.failed++;
      else if (isAbout) webhook.came.push({ id, kind, incidentId, path: request.url! });
      if (isAbout) await setTimeout(chance.between(...ANSWERS_AFTER_MS));
      response.writeHead(hasFailed ? 500 : 204).end();
    });
    return webhook;
  }

  get url(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }
}
