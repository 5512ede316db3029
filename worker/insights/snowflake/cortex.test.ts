import { beforeAll, describe, expect, it } from "vitest";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import { NOW } from "../../testing/snowflake-desk.ts";
import { complete, gathered, objectConstant, tokensIn } from "./cortex.ts";
import { planPrompt } from "./plan.ts";
import type { Prompt } from "./prompt.ts";

let snowflake: StartedSnowflake;
const clock = new StandingClock(NOW);
beforeAll(async () => {
  snowflake = await startSnowflake();
  await snowflake.order({ now: NOW, script: [{ when: "", says: { steps: [{ query: "health" }] } }] });
});

const asked = async (way: "rest" | "sql", prompt: Prompt, model = "claude-haiku-4-5") =>
  complete(snowflake.clientWith({}, clock), way, model, prompt, clock.now() + 60_000);

describe("a model", () => {
  it.each(["rest", "sql"] as const)("is asked by %s, and its tokens are those that are billed", async (way) => {
    const done = await asked(way, await planPrompt("How is it?", [], NOW));
    expect(JSON.parse(done.text)).toEqual({ steps: [{ query: "health" }] });
    const told = (await snowflake.told()).completions.at(-1)!;
    expect(told).toMatchObject({ by: way, promptTokens: done.inputTokens, completionTokens: done.outputTokens });
  });

  it.each(["rest", "sql"] as const)("that the account does not have is named, by %s", async (way) => {
    await expect(asked(way, await planPrompt("How is it?", [], NOW), "claude-9")).rejects.toMatchObject({
      code: "model_missing",
      message: expect.stringContaining("claude-9"),
    });
  });

  it("is given nothing but plain words in a statement: what it reads is bound", async () => {
    await asked("sql", await planPrompt("Is 'o\"brien'; DROP TABLE x; -- well?", [], NOW));
    const { sql, bindings } = (await snowflake.told()).statements.at(-1)!;
    expect(sql).not.toMatch(/brien|DROP/);
    expect(Object.keys(bindings)).toHaveLength(2);
    expect(() => objectConstant({ type: "it's" })).toThrow("plain words");
    expect(objectConstant({ type: "json", list: ["a", 1] })).toBe("{'type':'json','list':['a',1]}");
  });

  it("that answers in pieces although it was not asked to is put together, with its tokens", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2 };
    const events = [
      { choices: [{ delta: { type: "text", content: '{"a":' } }], usage: {} },
      { choices: [{ delta: { type: "text", content: "1}" } }], usage },
    ];
    const text = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n`;
    expect(gathered(text)).toEqual({ choices: [{ message: { content: '{"a":1}' } }], usage });
    expect(gathered("<html>no events</html>")).toBeUndefined();
  });

  it("is reckoned with more tokens for letters that take more", () => {
    expect(tokensIn("abcd".repeat(10))).toBe(10);
    expect(tokensIn("Größe".repeat(8))).toBeGreaterThan(10);
  });
});
