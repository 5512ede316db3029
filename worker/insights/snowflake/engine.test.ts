import { beforeEach, describe, expect, it } from "vitest";
import { monthOf, spentIn } from "../../snowflake/spend-store.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import { sweepAnswers } from "./answer-store.ts";
import { brief, db, deskAt, evidence, NOW } from "../../testing/snowflake-desk.ts";
import { SnowflakeEngine } from "./engine.ts";

const DISK = evidence("e1", "Disk /var of web-1 is 92 % full.", {
  name: "web-1",
  metric: "filesystem_used_ratio:/var",
  value: 0.92,
});
const TRAFFIC = evidence("e2", "Outgoing traffic of web-1 was 12 MB/s.", { name: "web-1" });

let snowflake: StartedSnowflake;
let clock: StandingClock;
beforeEach(async () => {
  snowflake = await startSnowflake();
  clock = new StandingClock(NOW);
  await snowflake.order({ now: NOW });
  await db.$client.exec("DELETE FROM worded_answer");
  await db.$client.exec("DELETE FROM model_spend");
});

const says = (claims: unknown, actions: unknown = []) =>
  snowflake.order({ script: [{ when: "", says: { claims, actions } }] });

describe("words by a language model", () => {
  it("are shown with their evidence, their model, and what it was asked by", async () => {
    await says(
      [{ text: "web-1's disk /var is 92 % full.", evidence: ["e1"] }],
      [{ text: "Clean up /var on web-1.", evidence: ["e1"] }],
    );
    const { desk, problems } = deskAt(snowflake, clock);
    const worded = await new SnowflakeEngine(desk).summary(brief("Today", [DISK, TRAFFIC]), NOW);
    expect(worded).toEqual({
      claims: [{ text: "web-1's disk /var is 92 % full.", evidence: ["e1"] }],
      actions: [{ text: "Clean up /var on web-1.", evidence: ["e1"] }],
      evidence: [DISK, TRAFFIC],
      engine: "snowflake",
      model: "claude-haiku-4-5",
      note: null,
      madeAt: NOW,
    });
    expect(problems).toEqual([null]);
    const { completions, warehouses } = await snowflake.told();
    expect(completions).toMatchObject([{ by: "rest", model: "claude-haiku-4-5" }]);
    expect(warehouses["NEPHOS_WH"]!.resumes).toBe(0);
  });

  it("cost what their tokens cost, and nothing when the same is asked again, until they are over", async () => {
    await says([{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }]);
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const first = await engine.summary(brief("Today", [DISK]), NOW);
    const spent = await spentIn(db, monthOf(NOW));
    const [{ promptTokens, completionTokens } = { promptTokens: 0, completionTokens: 0 }] = (await snowflake.told())
      .completions;
    expect(spent).toMatchObject({ requests: 1, inputTokens: promptTokens, outputTokens: completionTokens });
    expect(spent.usd).toBeCloseTo((promptTokens + 5 * completionTokens) / 1e6, 12);
    expect(await engine.summary(brief("Today", [DISK]), NOW + 60_000)).toEqual(first);
    expect((await snowflake.told()).completions).toHaveLength(1);
    expect(await spentIn(db, monthOf(NOW))).toEqual(spent);
    await engine.summary(brief("Today", [DISK]), NOW + 6 * 3_600_000 + 1);
    expect((await snowflake.told()).completions).toHaveLength(2);
    expect(await sweepAnswers(db, NOW + 13 * 3_600_000)).toBe(1);
  });

  it("that name no evidence, other evidence, or numbers that it does not have are dropped", async () => {
    await says([
      { text: "All disks are fine.", evidence: [] },
      { text: "The database is slow.", evidence: ["e7"] },
      { text: "web-1's disk is 97 % full.", evidence: ["e1"] },
      { text: "web-1 sends 92 MB/s.", evidence: ["e2"] },
      { text: "web-1 sends 12 MB/s.", evidence: ["e2", "e9"] },
      "nonsense",
      { text: 7 },
    ]);
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const { claims } = await engine.summary(brief("Today", [DISK, TRAFFIC]), NOW);
    expect(claims).toEqual([{ text: "web-1 sends 12 MB/s.", evidence: ["e2"] }]);
  });

  it("are kept as the model said them, so that another who asks gets them of what that person may see", async () => {
    await says([{ text: "Disk of ubuntu is 92 % full.", evidence: ["e1"] }]);
    const of = (subject: string, value: number) => {
      const more = { name: "ubuntu", subject, value, metric: "filesystem_used_ratio" };
      return brief("Why?", [evidence("e1", "Disk of ubuntu is 92 % full.", more)], "explanation");
    };
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const first = await engine.explain(of("hidden-1", 0.9234), NOW);
    const second = await engine.explain(of("own-1", 0.9161), NOW + 1_000);
    expect((await snowflake.told()).completions).toHaveLength(1);
    expect(second).toMatchObject({ claims: first.claims, evidence: of("own-1", 0.9161).evidence, madeAt: NOW });
    const kept = await db.$client.prepare("SELECT worded FROM worded_answer").all();
    expect(JSON.stringify(kept.results)).not.toMatch(/hidden-1|0\.9234/);
  });

  it("of the day stand while they hold: they are asked for anew when a reading or a machine is another", async () => {
    await snowflake.order({
      script: [
        { when: "93 %", says: { claims: [{ text: "web-1's disk is 93 % full.", evidence: ["e1"] }], actions: [] } },
        { when: "", says: { claims: [{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }], actions: [] } },
      ],
    });
    const rows = (share: number, moved: number, name = "web-1") => [
      evidence("e1", `Disk /var of ${name} is ${share} % full.`, { name, subject: name, value: share / 100 }),
      evidence("e2", `CPU use of ${name} is ${moved} %.`, { name, subject: name, to: NOW + moved }),
    ];
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const asked = async (given: ReturnType<typeof rows>, after: number) => {
      const { claims, evidence: shown } = await engine.summary(brief("Today", given), NOW + after);
      expect(shown).toEqual(given);
      return [claims[0]!.text, (await snowflake.told()).completions.length];
    };
    expect(await asked(rows(92, 40), 0)).toEqual(["web-1's disk is 92 % full.", 1]);
    expect(await asked(rows(92, 41), 600_000)).toEqual(["web-1's disk is 92 % full.", 1]);
    expect(await asked(rows(93, 41), 1_200_000)).toEqual(["web-1's disk is 93 % full.", 2]);
    const other = engine.summary(brief("Today", rows(93, 41, "web-2")), NOW + 1_300_000);
    await expect(other).rejects.toMatchObject({ code: "nothing_supported" });
    expect((await snowflake.told()).completions).toHaveLength(3);
  });

  it("lose markup, links and scripts", async () => {
    await says([
      {
        text: "**web-1's** disk is `92 %` full, see [this](https://evil.example/a?b) or https://evil.example/c <img src=x onerror=alert(1)>.",
        evidence: ["e1"],
      },
    ]);
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const { claims } = await engine.summary(brief("Today", [DISK]), NOW);
    expect(claims[0]!.text).toBe("web-1's disk is 92 % full, see this or.");
  });

  it.each([
    ["nothing that holds", { claims: [{ text: "All is well.", evidence: ["e5"] }], actions: [] }],
    ["no JSON", "I am sorry, I cannot do that."],
    ["other JSON", { answer: 42 }],
  ])("of which nothing is left are a problem, and are not paid for twice: %s", async (_what, said) => {
    await snowflake.order({ script: [{ when: "", says: said }] });
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    for (let times = 0; times < 2; times++) {
      const summary = engine.summary(brief("Today", [DISK]), NOW);
      await expect(summary).rejects.toMatchObject({ code: "nothing_supported" });
    }
    expect((await snowflake.told()).completions).toHaveLength(1);
  });

  it("are asked for by SQL where there is no REST for it, within the budget for a warehouse that starts", async () => {
    await says([{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }]);
    await snowflake.fault({ kind: "says", status: 404, body: "", on: "POST complete" });
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    const { claims } = await engine.summary(brief("Today", [DISK]), NOW);
    expect(claims).toHaveLength(1);
    const { completions, statements, complaints } = await snowflake.told();
    expect(completions).toMatchObject([{ by: "sql" }]);
    expect(Object.values(statements.at(-1)!.bindings)[1]!.value).toContain("web-1");
    expect(statements.at(-1)!.sql).not.toContain("web-1");
    expect(complaints).toEqual([]);
    expect((await spentIn(db, monthOf(NOW))).usd).toBeGreaterThan(0.05);
    await engine.summary(brief("Tomorrow", [DISK]), NOW);
    expect((await snowflake.told()).asked["POST complete"]).toBe(1);
  });

  it("are none of a model's where nothing was measured", async () => {
    const engine = new SnowflakeEngine(deskAt(snowflake, clock).desk);
    expect(await engine.summary(brief("Today", []), NOW)).toMatchObject({ engine: "local", claims: [] });
    expect((await snowflake.told()).completions).toEqual([]);
  });
});

describe("the month's budget", () => {
  it("ends it: nothing is sent, and it says when it begins anew", async () => {
    const { desk, problems } = deskAt(snowflake, clock, { monthlyBudgetUsd: 0.001 });
    const summary = new SnowflakeEngine(desk).summary(brief("Today", [DISK]), NOW);
    await expect(summary).rejects.toMatchObject({ code: "budget_spent", remedy: expect.stringContaining("1 Dec") });
    expect((await snowflake.told()).completions).toEqual([]);
    expect((await spentIn(db, monthOf(NOW))).usd).toBe(0);
    expect(problems).toEqual([]);
  });

  it("is not passed by many that ask at once", async () => {
    await says([{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }]);
    const engine = new SnowflakeEngine(deskAt(snowflake, clock, { monthlyBudgetUsd: 0.02 }).desk);
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, (_, day) => engine.summary(brief(`Day ${day}`, [DISK]), NOW)),
    );
    const { completions } = await snowflake.told();
    expect(completions.length).toBeLessThan(10);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(completions.length);
    expect((await spentIn(db, monthOf(NOW))).usd).toBeLessThanOrEqual(0.02);
  });

  it("gets back what was set aside for a request that was refused", async () => {
    await snowflake.order({ models: ["mistral-7b"] });
    const { desk, problems } = deskAt(snowflake, clock);
    const summary = new SnowflakeEngine(desk).summary(brief("Today", [DISK]), NOW);
    await expect(summary).rejects.toMatchObject({
      code: "model_missing",
      message: expect.stringContaining("claude-haiku-4-5"),
      remedy: expect.stringContaining("SHOW CORTEX BASE MODELS"),
    });
    expect((await spentIn(db, monthOf(NOW))).usd).toBeCloseTo(0, 12);
    expect(problems).toMatchObject([{ code: "model_missing" }]);
  });

  it.each([
    ["is asked too often", { kind: "too_often" }, 0],
    ["has a problem of its own", { kind: "failing" }, 0],
    ["says no", { kind: "address_refused" }, 0],
    ["has taken too long", { kind: "statement_times_out" }, 1],
    ["breaks off in the middle of its answer", { kind: "cut", on: "POST complete" }, 1],
  ] as const)(
    "keeps what was set aside only where it may have been billed: Snowflake %s",
    async (_what, wrong, kept) => {
      await says([{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }]);
      await snowflake.fault(wrong);
      const summary = new SnowflakeEngine(deskAt(snowflake, clock).desk).summary(brief("Today", [DISK]), NOW);
      await expect(summary).rejects.toMatchObject({ name: "SnowflakeProblem" });
      const { usd, requests } = await spentIn(db, monthOf(NOW));
      expect({ isKept: usd > 1e-6, requests }).toEqual({ isKept: kept === 1, requests: 0 });
    },
  );

  it.each([
    ["the account", { endpoint: "http://127.0.0.1:9" }],
    [
      "whoever gives the tokens",
      {
        auth: {
          kind: "oauth" as const,
          tokenUrl: "http://127.0.0.1:9/oauth/token",
          clientId: "nephos",
          clientSecret: "s",
          scope: "",
        },
      },
    ],
  ])("gets all back, however often %s cannot be reached", async (_what, given) => {
    const { desk } = deskAt(snowflake, clock);
    const away = { ...desk, open: async () => snowflake.clientWith(given, clock) };
    for (let times = 0; times < 3; times++) {
      const summary = new SnowflakeEngine(away).summary(brief("Today", [DISK]), NOW);
      await expect(summary).rejects.toMatchObject({ code: "unavailable" });
    }
    expect((await spentIn(db, monthOf(NOW))).usd).toBeCloseTo(0, 12);
  });

  it("is not asked where Cortex is not allowed, which names the grant", async () => {
    await snowflake.order({ forget: { privilege: "CORTEX_USER" } });
    const summary = new SnowflakeEngine(deskAt(snowflake, clock).desk).summary(brief("Today", [DISK]), NOW);
    await expect(summary).rejects.toMatchObject({
      code: "cortex_refused",
      remedy: expect.stringContaining("GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE NEPHOS_ROLE"),
    });
  });
});
