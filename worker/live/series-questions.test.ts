import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SERIES_BLOCKS_PER_QUERY_MAX } from "../../contract/limits.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import { comparisonSchema, type Comparison } from "../../contract/series.ts";
import { KEY, QUARTER, query, knowInstance, putSamples } from "../testing/history.ts";
import { Owner, type Browser } from "../testing/people.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let owner: Owner;
let names = 0;
let id: string;
beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `asked-${++names}`;
  await knowInstance(id);
});

async function refused(path: string, status: number): Promise<ErrorReply> {
  const reply = await owner.fetch(path);
  expect(reply.status).toBe(status);
  return reply.json<ErrorReply>();
}
/** A sample every minute; its value is the minute. */
const minutes = (from: number, count: number) =>
  Array.from({ length: count }, (_, minute) => ({ at: from + minute * MINUTE, metrics: { [KEY]: minute } }));

describe("what cannot be asked for", () => {
  it("an instance that is not there is 404", async () => {
    for (const path of ["series", "series.csv"])
      expect(await refused(`/api/instances/nobody/${path}?${query({ from: 0, to: 1 })}`, 404)).toMatchObject({
        field: "id",
      });
    const error = await refused(`/api/series?${query({ from: 0, to: 1, instances: "nobody,noone" })}`, 404);
    expect(error).toMatchObject({ code: "not_found", field: "instances" });
  });

  it.each<[what: string, asked: () => Record<string, unknown>, field: string]>([
    ["a window longer than any history", () => ({ from: 0, to: 1_900 * DAY }), "from"],
    ["more points than fit on a screen", () => ({ from: 0, to: 1, points: 2_001 }), "points"],
    [
      "too many series",
      () => ({ from: 0, to: 1, metrics: Array.from({ length: 61 }, (_, i) => `a${i}`).join() }),
      "metrics",
    ],
    ["a window of no length", () => ({ from: 5, to: 5 }), "from"],
    [
      "too many instances",
      () => ({ from: 0, to: 1, instances: Array.from({ length: 51 }, (_, i) => `i${i}`).join() }),
      "instances",
    ],
    [
      "too many lines",
      () => ({
        from: 0,
        to: 1,
        instances: Array.from({ length: 21 }, (_, i) => `i${i}`).join(),
        metrics: Array.from({ length: 10 }, (_, i) => `a${i}`).join(),
      }),
      "metrics",
    ],
  ])("%s is 400 with its field and what to do", async (_what, asked, field) => {
    const of = asked();
    const error = await refused(`/api/${"instances" in of ? "" : `instances/${id}/`}series?${query(of)}`, 400);
    expect(error.field).toContain(field);
    expect(error.remedy).toBeTruthy();
  });

  it("more blocks than one call may read are 400, with what to ask for instead", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    for (const one of ids) await knowInstance(one);
    const now = Date.now();
    const asked = query({ from: now - 19 * DAY, to: now, points: 2_000, instances: ids.join() });
    const error = await refused(`/api/series?${asked}`, 400);
    expect(error).toMatchObject({ code: "invalid_field", field: "from" });
    expect(error.message).toContain(String(SERIES_BLOCKS_PER_QUERY_MAX));
    expect(error.remedy).toContain("shorter window");
  });

  it("fifty instances over a month is a question that is answered, as the retention is at first", async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `many-${index}`);
    for (const one of ids) await knowInstance(one);
    const now = Date.now();
    const asked = query({ from: now - 29 * DAY, to: now, instances: ids.join() });
    expect(Object.keys((await owner.json<Comparison>(`/api/series?${asked}`)).instances)).toHaveLength(50);
  });
});

describe("several instances", () => {
  it("come over one window in one call, each with its own times", async () => {
    await putSamples(id, minutes(QUARTER, 3));
    await knowInstance(`${id}-b`);
    await putSamples(`${id}-b`, minutes(QUARTER + 30_000, 2));
    const asked = query({ from: QUARTER, to: QUARTER + HOUR, instances: `${id},${id}-b`, metrics: `${KEY},load_5m` });
    const { instances } = comparisonSchema.parse(await owner.json(`/api/series?${asked}`));
    expect(instances[id]!.at).toEqual([QUARTER, QUARTER + MINUTE, QUARTER + 2 * MINUTE]);
    expect(instances[`${id}-b`]!.at).toEqual([QUARTER + 30_000, QUARTER + 90_000]);
    for (const { series } of Object.values(instances)) expect(Object.keys(series)).toEqual([KEY, "load_5m"]);
  });

  it("of which some are gone, or not for this person to see, are the others", async () => {
    await knowInstance(`${id}-web`, ["web"]);
    await putSamples(`${id}-web`, minutes(QUARTER, 1));
    const limited = await owner.joined("viewer", { tags: ["web"] });
    const asked = (ids: string) => `/api/series?${query({ from: QUARTER, to: QUARTER + HOUR, instances: ids })}`;
    const seen = async (who: Browser) =>
      Object.keys((await who.json<Comparison>(asked(`${id}-web,${id},nobody`))).instances);
    expect((await seen(owner)).sort()).toEqual([id, `${id}-web`]);
    expect(await seen(limited)).toEqual([`${id}-web`]);
    expect((await limited.fetch(asked(id))).status).toBe(404);
    for (const path of ["series", "series.csv"])
      expect((await limited.fetch(`/api/instances/${id}/${path}?${query({ from: 0, to: 1 })}`)).status).toBe(404);
  });
});

describe("a window as CSV", () => {
  const csv = async (asked: Record<string, unknown>) => {
    const reply = await owner.fetch(`/api/instances/${id}/series.csv?${query(asked)}`);
    expect(reply.status).toBe(200);
    const text = await reply.text();
    expect(text.endsWith("\r\n")).toBe(true);
    return { headers: reply.headers, lines: text.slice(0, -2).split("\r\n") };
  };
  const iso = (at: number) => new Date(at).toISOString();

  it("is a line a sample, its time in ISO 8601, an empty field where there was no reading, and a file", async () => {
    await putSamples(id, [
      { at: QUARTER, metrics: { [KEY]: 1.5, "disk_util_ratio:sda 1": 0.25 } },
      { at: QUARTER + MINUTE, metrics: { [KEY]: 2 } },
      { at: QUARTER + 90 * MINUTE, metrics: { "disk_util_ratio:sda 1": 0 } },
    ]);
    const asked = { from: QUARTER, to: QUARTER + 2 * HOUR, metrics: `${KEY},disk_util_ratio:sda 1` };
    const { headers, lines } = await csv(asked);
    expect(lines).toEqual([
      `time,"load_1m","disk_util_ratio:sda 1"`,
      `${iso(QUARTER)},1.5,0.25`,
      `${iso(QUARTER + MINUTE)},2,`,
      `${iso(QUARTER + 90 * MINUTE)},,0`,
    ]);
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toMatch(
      new RegExp(`^attachment; filename="${id}-\\d{8}T\\d{4}-\\d{8}T\\d{4}\\.csv"$`),
    );
  });

  it("of merged points has three columns a series, and says so", async () => {
    await putSamples(id, minutes(QUARTER, 120));
    const { lines } = await csv({ from: QUARTER, to: QUARTER + 2 * HOUR - 1, points: 2 });
    expect(lines).toEqual([
      `time,"load_1m mean","load_1m min","load_1m max"`,
      `${iso(QUARTER)},29.5,0,59`,
      `${iso(QUARTER + HOUR)},89.5,60,119`,
    ]);
  });

  it("has every sample there is, unless `points` says otherwise", async () => {
    await putSamples(
      id,
      Array.from({ length: 3_000 }, (_, second) => ({ at: QUARTER + second * 1_000, metrics: { [KEY]: second } })),
    );
    const { lines } = await csv({ from: QUARTER, to: QUARTER + HOUR - 1 });
    expect(lines).toHaveLength(3_001);
    expect(lines.at(-1)).toBe(`${iso(QUARTER + 2_999_000)},2999`);
  });

  it("of a time without samples is its header", async () => {
    expect((await csv({ from: QUARTER - 60 * DAY, to: QUARTER - 59 * DAY })).lines).toEqual([
      `time,"load_1m mean","load_1m min","load_1m max"`,
    ]);
  });
});
