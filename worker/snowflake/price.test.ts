import { describe, expect, it } from "vitest";
import { costUsd, exportCosts, priceOf, sqlCostUsd } from "./price.ts";

const usd = (instances: number, way: string, everyHours: number, creditPriceUsd = 3) =>
  exportCosts(instances, { creditPriceUsd }).find((one) => one.way === way && one.everyHours === everyHours)!;

describe("what the export costs", () => {
  it("is known for each way and interval", () => {
    expect(exportCosts(10, { creditPriceUsd: 3 }).map(({ way, everyHours }) => `${way} ${everyHours}`)).toEqual([
      "streaming 1",
      "streaming 6",
      "streaming 24",
      "merge 1",
      "merge 6",
      "merge 24",
    ]);
  });

  it("is some cents by streaming, however often, and grows with the fleet", () => {
    expect(usd(100, "streaming", 1).usd).toBeLessThanOrEqual(0.1);
    expect(usd(100, "streaming", 1).usd).toBe(usd(100, "streaming", 24).usd);
    expect(usd(1_000, "streaming", 1).usd).toBeGreaterThan(usd(100, "streaming", 1).usd);
  });

  it("is a minute of the warehouse at each start by MERGE: $36 a month for every hour, $1.50 for every day", () => {
    expect(usd(0, "merge", 1).usd).toBe(36.5);
    expect(usd(0, "merge", 24).usd).toBe(1.52);
    expect(usd(0, "merge", 1, 2).usd).toBeCloseTo(24.33, 2);
    expect(usd(500, "merge", 1).usd).toBeGreaterThan(36.5);
  });

  it("is said in a sentence", () => {
    expect(usd(10, "merge", 6).says).toBe(
      "The warehouse starts 4 times a day, for a minute or more each time, a credit being $3.00: $6.14.",
    );
    expect(usd(10, "streaming", 1).says).toMatch(
      /starts no warehouse: less than \$0\.01\.$|starts no warehouse: \$0\.01\.$/,
    );
  });
});

describe("what a model costs", () => {
  it("is by its tokens, as the consumption table has it", () => {
    expect(costUsd("claude-haiku-4-5", 3_000, 500)).toBeCloseTo(0.0055, 10);
    expect(costUsd("openai-gpt-5-nano", 1_000_000, 1_000_000)).toBeCloseTo(0.5, 10);
  });

  it("is the dearest known where it is not known, so that a budget holds", () => {
    expect(priceOf("model-of-tomorrow")).toEqual(priceOf("claude-sonnet-4-6"));
  });

  it("by SQL has the minute of the warehouse in it", () => {
    expect(sqlCostUsd("claude-haiku-4-5", 0, 0, 3)).toBeCloseTo(0.05, 10);
    expect(sqlCostUsd("claude-haiku-4-5", 1_000_000, 0, 3)).toBeCloseTo(0.05 + 1.65, 10);
  });
});
