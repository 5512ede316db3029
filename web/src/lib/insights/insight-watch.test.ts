import { afterEach, expect, test, vi } from "vitest";
import { InsightWatch, seriousOf } from "./insight-watch.svelte.ts";
import { insightOf } from "./testing.ts";

afterEach(() => void vi.unstubAllGlobals());
const answering = (severities: ("info" | "warning" | "critical")[]) =>
  vi.stubGlobal("fetch", async () =>
    Response.json({ insights: severities.map((severity, index) => insightOf(String(index), { severity })) }),
  );

test("only what calls for somebody is marked", () => {
  expect(seriousOf([{ severity: "critical" }, { severity: "warning" }, { severity: "info" }])).toEqual({
    serious: 2,
    critical: 1,
  });
});

test("the mark has one digit, and is empty where there is nothing to say", async () => {
  const watch = new InsightWatch();
  expect(watch.badge).toBe("");
  answering(["critical", "warning", "info"]);
  await watch.load();
  expect([watch.badge, watch.critical]).toEqual(["2", 1]);
  answering(Array.from({ length: 10 }, () => "warning" as const));
  await watch.load();
  expect(watch.badge).toBe("9+");
});

test("a mark that could not be counted stays as it was", async () => {
  const watch = new InsightWatch();
  answering(["warning"]);
  await watch.load();
  vi.stubGlobal("fetch", async () => new Response("", { status: 503 }));
  await watch.load();
  expect(watch.badge).toBe("1");
});
