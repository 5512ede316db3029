import { expect, test } from "vitest";
import { planSchema } from "../../../../contract/ask.ts";
import { daysInWords, lookedUpInWords } from "./plan-in-words.ts";

const words = (...steps: unknown[]) => lookedUpInWords(planSchema.parse(steps));

test.each([
  [{ query: "runs_out", metric: "disk", withinDays: 30 }, "forecasts of disks for 30 days"],
  [{ query: "runs_out", metric: null }, "forecasts of everything that fills up for 90 days"],
  [{ query: "ranking", metric: "cpu", by: "max" }, "CPU of 1 day, highest peaks first"],
  [{ query: "reading", metric: "memory", subjects: ["web-1"] }, "readings of memory of 1 day, of one instance"],
  [
    { query: "comparison", metric: "load", tags: ["eu", "us"] },
    "load of 7 days against the time before, tagged eu or us",
  ],
  [{ query: "insights", kinds: ["waste"] }, "insights of 7 days (not used)"],
  [{ query: "insights" }, "insights of 7 days"],
  [{ query: "incidents", state: "open" }, "open incidents of 1 day"],
  [{ query: "changes", beforeHours: 0.5 }, "changes in the 30 minutes before"],
  [{ query: "health", subjects: ["a", "b"] }, "who is up and who is not, of 2 instances"],
  [{ query: "uptime" }, "uptime of 30 days"],
  [{ query: "cost" }, "what the fleet costs"],
  [{ query: "inventory", by: "os" }, "the fleet by system"],
  [{ query: "inventory", only: "ewr" }, "the fleet by region: ewr"],
  [{ query: "uptime", overDays: 1, agoDays: 2 }, "uptime of 1 day, up to 2 days ago"],
])("%j is told as %s", (step, told) => expect(words(step)).toEqual([told]));

test("what was looked up twice is told once", () => {
  expect(words({ query: "cost" }, { query: "cost" })).toHaveLength(1);
});

test("a part of a day is told in hours", () => {
  expect([daysInWords(0.25), daysInWords(1 / 24), daysInWords(0.01)]).toEqual(["6 hours", "1 hour", "14 minutes"]);
});
