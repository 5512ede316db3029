import { describe, expect, it } from "vitest";
import { T0 } from "../testing/outbox.ts";
import { afterDigest, afterSingle, CALM, holdsUntil, paceOf, turnOf, type Pace } from "./storm.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function singles(...ids: string[]): Pace {
  return ids.reduce((pace, id) => afterSingle(pace, id, T0), CALM);
}
const waiting = (count: number) => Array.from({ length: count }, (_, index) => `web-${index}`);

describe("how the next notification goes", () => {
  it.each<[string, Pace, string[], number, string]>([
    ["alone, where nothing was sent", CALM, waiting(1), 0, "single"],
    ["alone, however many wait behind it", CALM, waiting(100), 0, "single"],
    ["alone, as the third within a minute", singles("a", "b"), waiting(1), 0, "single"],
    ["in a digest, as the fourth within a minute", singles("a", "b", "c"), waiting(1), 59 * SECOND, "digest"],
    ["alone, where it is of one of the three", singles("a", "b", "c"), ["b"], 1, "single"],
    ["alone, when the minute is over", singles("a", "b", "c"), waiting(1), MINUTE, "single"],
    ["not at all, within half a minute of the first digest", afterDigest(CALM, T0), waiting(1), 29 * SECOND, "later"],
    ["in the next digest after that", afterDigest(CALM, T0), waiting(4), 30 * SECOND, "digest"],
    ["alone, where few wait after it", afterDigest(CALM, T0), waiting(3), 30 * SECOND, "single"],
    ["alone again in a storm much later", afterDigest(CALM, T0), waiting(100), 11 * MINUTE, "single"],
  ])("is %s", (_how, pace, incidents, after, as) => {
    expect(turnOf(pace, incidents, false, T0 + after).as).toBe(as);
  });

  it("is not more than five in a minute, however few incidents come and go", () => {
    const pace = singles("a", "b", "c", "a", "b");
    expect(turnOf(pace, ["c"], false, T0 + SECOND)).toEqual({ as: "later", at: T0 + MINUTE });
    expect(turnOf(pace, ["c"], true, T0 + SECOND)).toEqual({ as: "later", at: T0 + 30 * SECOND });
    expect(turnOf(pace, ["c"], false, T0 + MINUTE).as).toBe("single");
    // What would be more goes together.
    expect(turnOf(singles("a", "b", "c"), ["a", "b", "c"], false, T0 + SECOND).as).toBe("digest");
    expect(turnOf(singles("a", "b", "c"), ["a", "a", "a"], false, T0 + SECOND).as).toBe("single");
  });

  it("is a digest after half a minute where something critical has begun, and the storm goes on", () => {
    const pace = afterDigest(afterDigest(CALM, T0), T0);
    expect(turnOf(pace, ["d"], false, T0 + 31 * SECOND).as).toBe("later");
    expect(turnOf(pace, ["d"], true, T0 + 29 * SECOND)).toEqual({ as: "later", at: T0 + 30 * SECOND });
    expect(turnOf(pace, ["d"], true, T0 + 31 * SECOND)).toEqual({ as: "digest", isOver: false });
  });

  it("is held for longer with every digest of a storm", () => {
    let pace = CALM;
    let now = T0;
    const pauses = [1, 2, 3, 4].map(() => {
      pace = afterDigest(pace, now);
      const pause = holdsUntil(pace, now)! - now;
      now += pause;
      return pause;
    });
    expect(pauses).toEqual([30 * SECOND, 2 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
    expect(holdsUntil(pace, now)).toBeNull();
  });

  it("is the same for whoever has read what was sent as for who sent it", () => {
    const sent = [
      { incidentId: "a", isDigest: false, sentAt: T0 },
      { incidentId: null, isDigest: false, sentAt: T0 },
      { incidentId: "b", isDigest: false, sentAt: T0 + SECOND },
      { incidentId: null, isDigest: true, sentAt: T0 + 2 * SECOND },
    ];
    const pace = afterDigest(afterSingle(afterSingle(CALM, "a", T0), "b", T0 + SECOND), T0 + 2 * SECOND);
    expect(paceOf(sent)).toEqual(pace);
  });
});
