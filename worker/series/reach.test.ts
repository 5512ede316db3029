import { env } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { tierFor } from "./query.ts";
import { changeRetention, readReach } from "./ring-store.ts";

const db = database(env.DB);
const DAY = 86_400_000;
const NOW = 1_790_000_000_000;
const twoHours = (daysAgo: number) => ({ from: NOW - daysAgo * DAY, to: NOW - daysAgo * DAY + DAY / 12, points: 600 });

afterEach(() => changeRetention(db, { rawDays: 3, fiveMinutesDays: 30, hourDays: 730 }, NOW));

it("more days than before do not make a chart look for samples that are gone: the coarser tier has them", async () => {
  await changeRetention(db, { rawDays: 30, fiveMinutesDays: 60, hourDays: 730 }, NOW);
  const reach = await readReach(db);
  expect(tierFor(twoHours(7), reach, NOW).tier).toBe("raw");
  expect(tierFor(twoHours(12), reach, NOW).tier).toBe("fiveMinutes");
  expect(tierFor(twoHours(45), reach, NOW).tier).toBe("hour");
  // As time goes by they are there.
  expect(tierFor({ ...twoHours(-4), from: NOW - 7 * DAY, to: NOW - 6.9 * DAY }, reach, NOW + 20 * DAY).tier).toBe(
    "raw",
  );
});

it("fewer days and more again leave out only what has had no place meanwhile", async () => {
  await changeRetention(db, { rawDays: 20, fiveMinutesDays: 60, hourDays: 730 }, NOW - 40 * DAY);
  await changeRetention(db, { rawDays: 9, fiveMinutesDays: 60, hourDays: 730 }, NOW - 5 * DAY);
  await changeRetention(db, { rawDays: 20, fiveMinutesDays: 60, hourDays: 730 }, NOW);
  const reach = await readReach(db);
  expect(tierFor(twoHours(8), reach, NOW).tier).toBe("raw");
  expect(tierFor(twoHours(12), reach, NOW).tier).toBe("fiveMinutes");
});
