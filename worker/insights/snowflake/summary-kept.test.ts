import { beforeEach, describe, expect, it } from "vitest";
import { NOW, readerOf, seedAskedFleet } from "../../testing/asked-fleet.ts";
import { db, deskAt } from "../../testing/snowflake-desk.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import { summarise } from "../brief/summary.ts";
import { SnowflakeEngine } from "./engine.ts";
import { wordingPrompt } from "./prompt.ts";

const MINUTE = 60_000;

let snowflake: StartedSnowflake;
beforeEach(async () => {
  snowflake = await startSnowflake();
});

/** The summary of the fleet as it is seen at a time, in the words of a model that says what arithmetic here says. */
async function summaryAt(now: number, tags: string[] | null = null) {
  const brief = await summarise(readerOf(tags, now), now);
  const [first] = brief.claims;
  await snowflake.order({ now, script: [{ when: "", says: { claims: [first], actions: [] } }] });
  const worded = await new SnowflakeEngine(deskAt(snowflake, new StandingClock(now)).desk).summary(brief, now);
  return { brief, worded, completions: (await snowflake.told()).completions.length };
}

describe("the summary of a fleet that has not changed", () => {
  it("is asked for once, with the facts of each look, until it is six hours old", async () => {
    await db.$client.exec("DELETE FROM worded_answer");
    await seedAskedFleet();
    // No agent falls silent between the looks.
    await db.$client.exec("UPDATE instance SET interval_ms = 0");
    const first = await summaryAt(NOW);
    expect(first.completions).toBe(1);
    const second = await summaryAt(NOW + 10 * MINUTE);
    expect(second.completions).toBe(1);
    expect(second.worded).toMatchObject({ claims: first.worded.claims, evidence: second.brief.evidence, madeAt: NOW });
    const limited = await summaryAt(NOW + 11 * MINUTE, ["role:db"]);
    expect(limited.completions).toBe(2);
    expect(JSON.stringify(limited.worded.evidence)).not.toContain("web-1");
    expect((await summaryAt(NOW + 361 * MINUTE)).completions).toBe(3);
  });

  it("does not tell the model the time of the look", async () => {
    const brief = await summarise(readerOf(null, NOW), NOW);
    expect(brief.about).toBe("The fleet in the last 24 hours");
    const { user } = await wordingPrompt(brief, NOW);
    for (const at of [NOW, NOW - 24 * 60 * MINUTE]) {
      const minute = new Date(at).toISOString().slice(0, 16).replace("T", " ");
      expect(user).not.toContain(`"from":"${minute}"`);
      expect(user).not.toContain(`"to":"${minute}"`);
    }
  });
});
