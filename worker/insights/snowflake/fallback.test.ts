import { describe, expect, it } from "vitest";
import type { Worded } from "../../../contract/insights.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import { EngineProblem, type Asking, type InsightEngine } from "../engine.ts";
import { brief, NOW } from "../../testing/snowflake-desk.ts";
import { withFallback } from "./fallback.ts";

const WORDED: Worded = { claims: [], actions: [], evidence: [], engine: "local", model: null, note: null, madeAt: NOW };
const asking: Asking = { names: [], run: () => Promise.reject(new Error("Not run.")) };

/** An engine that answers or throws, and counts. */
function engine(name: "local" | "snowflake", error?: Error) {
  const asked: string[] = [];
  const say = async <Said>(what: string, said: Said): Promise<Said> => {
    asked.push(what);
    if (error) throw error;
    return said;
  };
  const answer = { now: NOW, question: "?", plan: [], understoodAs: null, charts: [], suggestions: [] };
  const made: InsightEngine = {
    name,
    model: name === "local" ? null : "m",
    patterns: () => say("patterns", []),
    anomalies: () => say("anomalies", []),
    predictions: () => say("predictions", []),
    summary: () => say("summary", { ...WORDED, engine: name }),
    explain: () => say("explain", { ...WORDED, engine: name }),
    ask: () => say("ask", { ...answer, answer: { ...WORDED, engine: name } }),
  };
  return { ...made, asked };
}

describe("where the first engine", () => {
  it("answers, nobody else is asked", async () => {
    const local = engine("local");
    const both = withFallback(engine("snowflake"), local);
    expect(await both.summary(brief("", []), NOW)).toMatchObject({ engine: "snowflake", note: null });
    expect(local.asked).toEqual([]);
    expect([both.name, both.model]).toEqual(["snowflake", "m"]);
  });

  it.each([
    new SnowflakeProblem("budget_spent", "It is spent.", "Wait."),
    new EngineProblem("nothing_supported", "It is spent.", "Wait."),
  ])("cannot, the local one is asked once, and says why: $name", async (problem) => {
    const first = engine("snowflake", problem);
    const local = engine("local");
    const both = withFallback(first, local);
    const note = "It is spent. Wait.";
    expect(await both.summary(brief("", []), NOW)).toMatchObject({ engine: "local", note });
    expect(await both.explain(brief("", []), NOW)).toMatchObject({ engine: "local", note });
    expect((await both.ask("?", asking, NOW)).answer).toMatchObject({ engine: "local", note });
    expect(await both.patterns([], NOW)).toEqual([]);
    expect(await both.anomalies([], NOW)).toEqual([]);
    expect(await both.predictions([], NOW)).toEqual([]);
    const all = ["summary", "explain", "ask", "patterns", "anomalies", "predictions"];
    expect([first.asked, local.asked]).toEqual([all, all]);
  });

  it("has a fault of ours, it is not hidden", async () => {
    const local = engine("local");
    const both = withFallback(engine("snowflake", new TypeError("a fault")), local);
    await expect(both.summary(brief("", []), NOW)).rejects.toThrow("a fault");
    expect(local.asked).toEqual([]);
  });
});
