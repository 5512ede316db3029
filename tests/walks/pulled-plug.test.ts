import { afterAll, beforeAll, expect, it } from "vitest";
import type { SeriesColumns } from "../../contract/series.ts";
import { Chance } from "../chance.ts";
import { Launched } from "../launched.ts";
import { SignedIn } from "../owner.ts";

const ROUNDS = 4;
const MOMENTS_PER_REPORT = 3;
let nephos: Launched;

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
});
afterAll(() => nephos.end());

/** A sender that keeps nothing, as the original agent is: what was answered with 200 it will never send again. */
class ForgetfulSender {
  /** Every moment that was answered, and its reading. */
  readonly answered = new Map<number, number>();
  /** Moments of the report that was on its way when the plug was pulled. */
  unanswered: number[] = [];
  readonly start = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
  readonly #url: string;
  readonly #secret: string;
  #next = 1;

  constructor(url: string, secret: string) {
    this.#url = url;
    this.#secret = secret;
  }

  get until(): number {
    return this.start + this.#next * 1_000;
  }

  async report(): Promise<void> {
    const values = Array.from({ length: MOMENTS_PER_REPORT }, () => this.#next++);
    this.unanswered = values;
    await this.send(values);
    this.unanswered = [];
  }

  async send(values: readonly number[]): Promise<void> {
    const metrics = values.map((value) => ({
      name: "load_average_1min",
      value,
      unit: "count",
      timestamp: new Date(this.start + value * 1_000).toISOString(),
    }));
    const reply = await fetch(`${this.#url}/ingest/vultr?token=${this.#secret}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instanceId: "plug", metrics }),
    });
    if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
    await reply.json();
    for (const value of values) this.answered.set(this.start + value * 1_000, value);
  }

  async reportUntilItBreaks(): Promise<never> {
    for (;;) await this.report();
  }
}

it("whenever the plug is pulled: no report of an original agent that was answered is missing, and no moment is there twice", async () => {
  const chance = new Chance();
  console.log(`seed ${chance.seed}`);
  const owner = await SignedIn.by(nephos.link);
  const { secret } = await owner.newToken("plug");
  const sender = new ForgetfulSender(nephos.url, secret);
  const expectAllThere = async () => {
    const { at, series } = await owner.get<SeriesColumns>(
      `/api/instances/plug/series?metrics=load_1m&from=${sender.start}&to=${sender.until}&points=2000`,
    );
    const values = series["load_1m"]!.mean;
    expect(new Set(at).size).toBe(at.length);
    const stored = new Map(at.map((moment, row) => [moment, values[row]!]));
    expect([...sender.answered].filter(([moment, value]) => stored.get(moment) !== value)).toEqual([]);
    // More than was answered is what was on its way, and nothing else.
    const unasked = [...stored].filter(([moment]) => !sender.answered.has(moment)).map(([, value]) => value);
    expect(unasked.filter((value) => !lost.includes(value))).toEqual([]);
  };
  const lost: number[] = [];

  for (let round = 1; round <= ROUNDS; round++) {
    const goal = sender.answered.size + Math.floor(chance.between(3, 63));
    console.log(`round ${round}: the plug is pulled after ${goal} moments`);
    const broken = expect(sender.reportUntilItBreaks()).rejects.toThrow();
    await expect.poll(() => sender.answered.size, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(goal);
    await nephos.pullThePlug();
    await broken;
    const onItsWay = [...sender.unanswered];
    lost.push(...onItsWay);
    await nephos.restart("--no-agent");
    await expectAllThere();
    // As a script that tries again would: what was stored all the same is not stored again.
    if (round % 2 === 0) await sender.send(onItsWay);
    await expectAllThere();
  }

  // Until here it lay in the journal; a proper stop writes it into blocks.
  await nephos.stop();
  await nephos.restart("--no-agent");
  await expectAllThere();
});
