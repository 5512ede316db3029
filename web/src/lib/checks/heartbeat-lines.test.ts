import { expect, test } from "vitest";
import { heartbeatLines } from "./heartbeat-lines.ts";

const MINUTE = 60_000;
const cronOf = (periodMs: number) => heartbeatLines("https://n/x", periodMs)[1]!.line.split(" your-job")[0];

test.each([
  [MINUTE, "* * * * *"],
  [15 * MINUTE, "*/15 * * * *"],
  [60 * MINUTE, "0 * * * *"],
  [6 * 60 * MINUTE, "0 */6 * * *"],
  [24 * 60 * MINUTE, "0 3 * * *"],
  [7 * 24 * 60 * MINUTE, "0 3 * * 1"],
  [30 * 24 * 60 * MINUTE, "0 3 1 * *"],
])("a job that calls every %d ms has its line for cron", (periodMs, times) => expect(cronOf(periodMs)).toBe(times));

test("the address stands whole in every line, and the job is called for only where it went well", () => {
  const lines = heartbeatLines("https://nephos.example/beat/abc", MINUTE).map(({ line }) => line);
  for (const line of lines) expect(line).toContain("https://nephos.example/beat/abc");
  expect(lines[1]).toContain("your-job && curl");
});
