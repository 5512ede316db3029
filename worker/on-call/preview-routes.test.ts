import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Preview } from "../../contract/rules.ts";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { Owner, type Browser } from "../testing/people.ts";
import { rollDue } from "../testing/rolled.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP = 5 * MINUTE;
const now = Date.now();
/** When a step began, so long ago. */
const ago = (span: number) => Math.floor((now - span) / STEP) * STEP;

let owner: Owner;
beforeAll(async () => void (owner = await Owner.signedIn()));

const preview = (rule: Record<string, unknown>, by: Browser = owner) =>
  by.json<Preview>("/api/rule-previews", { method: "POST", body: rule });

/** A sample a minute, of these spans. */
async function putLoad(id: string, spans: [from: number, to: number, value: number][]): Promise<void> {
  const samples = spans.flatMap(([from, to, value]) =>
    Array.from({ length: Math.round((to - from) / MINUTE) }, (_, minute) => {
      return { at: from + minute * MINUTE, metrics: { load_1m: value } };
    }),
  );
  await putSamples(id, samples);
}
const LOAD = { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: 8 };

describe("a preview", () => {
  it("tells when a rule would have fired in the last days, how badly, and for how long, newest first", async () => {
    const id = "loaded";
    await knowInstance(id, [], 60_000);
    const [first, second] = [ago(3 * DAY), ago(30 * HOUR)];
    await putLoad(id, [
      [first - HOUR, first, 1],
      [first, first + 30 * MINUTE, 5],
      [first + 30 * MINUTE, first + HOUR, 1],
      [second - HOUR, second, 1],
      [second, second + 20 * MINUTE, 9],
      [second + 20 * MINUTE, second + HOUR, 1],
    ]);
    await rollDue(db, now);
    const { firings, ...rest } = await preview({ condition: LOAD, scope: { subjects: [id] } });
    expect(rest).toMatchObject({ subjects: 1, looked: 1, note: expect.stringContaining("steps of 5 min") });
    expect(firings).toMatchObject([
      { subject: id, name: id, severity: "critical", from: second, to: second + 20 * MINUTE, worst: 9 },
      { subject: id, severity: "warning", from: first, to: first + 30 * MINUTE, worst: 5 },
    ]);
    const held = await preview({ condition: LOAD, scope: { subjects: [id] }, holdMs: 25 * MINUTE });
    expect(held.firings.map(({ severity }) => severity)).toEqual(["warning"]);
  });

  it("sees a peak of a single sample, where nothing has to last", async () => {
    const id = "peaked";
    await knowInstance(id, [], 60_000);
    const from = ago(2 * DAY);
    await putLoad(id, [
      [from, from + 12 * MINUTE, 1],
      [from + 12 * MINUTE, from + 13 * MINUTE, 9],
      [from + 13 * MINUTE, from + HOUR, 1],
    ]);
    await rollDue(db, now);
    expect((await preview({ condition: LOAD, scope: { subjects: [id] } })).firings).toHaveLength(1);
    expect((await preview({ condition: LOAD, scope: { subjects: [id] }, holdMs: 10 * MINUTE })).firings).toEqual([]);
  });

  it("tells of a change by what was so long before", async () => {
    const id = "grown";
    await knowInstance(id, [], 60_000);
    const from = ago(DAY);
    await putLoad(id, [
      [from, from + HOUR, 1],
      [from + HOUR, from + 2 * HOUR, 7],
    ]);
    const condition = { kind: "change", metric: "load_1m", direction: "rises", overMs: 30 * MINUTE, warning: 5 };
    const { firings } = await preview({ condition, scope: { subjects: [id] } });
    expect(firings).toMatchObject([{ from: from + HOUR, to: from + HOUR + 30 * MINUTE, worst: 6 }]);
    const falls = await preview({ condition: { ...condition, direction: "falls" }, scope: { subjects: [id] } });
    expect(falls.firings).toEqual([]);
    const soon = await preview({ condition: { ...condition, overMs: MINUTE }, scope: { subjects: [id] } });
    expect(soon).toMatchObject({ firings: [], note: expect.stringContaining("too coarse") });
  });

  it("tells of verdicts by what the sentinel wrote down", async () => {
    const id = "fallen";
    await knowInstance(id);
    const [down, up] = [now - 2 * DAY, now - DAY];
    await env.DB.batch(
      [
        [now - 30 * DAY, "up"],
        [down, "down"],
        [up, "up"],
      ].map(([at, after], number) =>
        env.DB.prepare(
          "INSERT INTO instance_event (instance_id, at, number, kind, what, before, after) VALUES (?1, ?2, ?3, 'verdict', NULL, NULL, ?4)",
        ).bind(id, at, number, after),
      ),
    );
    const condition = { kind: "verdict", of: "instance", down: "critical" };
    const { firings, subjects } = await preview({ condition, scope: { subjects: [id] } });
    expect(subjects).toBe(1);
    expect(firings).toMatchObject([{ subject: id, severity: "critical", from: down, to: up }]);
  });

  it.each([
    { kind: "silence", warning: 180_000 },
    { kind: "provider" },
    { kind: "forecast", metric: "filesystem_used_ratio", warning: DAY },
  ])("says that no history can tell of %j", async (condition) => {
    await knowInstance("anyone");
    const { note, looked, firings } = await preview({ condition, scope: {} });
    expect(note).toMatch(/^The history does not/);
    expect([looked, firings]).toEqual([0, []]);
  });

  it("goes through 500 only, and says how many there are", async () => {
    const ids = Array.from({ length: 510 }, (_, number) => `many-${number}`);
    await env.DB.prepare(
      `INSERT INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at, tags)
       SELECT value, value, 30000, 0, 0, '["many"]' FROM json_each(?1)`,
    )
      .bind(JSON.stringify(ids))
      .run();
    expect(await preview({ condition: LOAD, scope: { tags: ["many"] } })).toMatchObject({ subjects: 510, looked: 500 });
  });

  it("is of what whoever asks may see, and refuses what no rule may be", async () => {
    await knowInstance("secret", ["team-b"]);
    await knowInstance("open", ["team-a"]);
    const viewer = await owner.joined("viewer", { tags: ["team-a"] });
    expect(await preview({ condition: LOAD, scope: { subjects: ["secret", "open"] } }, viewer)).toMatchObject({
      subjects: 1,
    });
    const body = { condition: { ...LOAD, metric: "nobody_sends_it" }, scope: {} };
    expect((await owner.fetch("/api/rule-previews", { method: "POST", body })).status).toBe(400);
  });
});
