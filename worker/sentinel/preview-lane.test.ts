import { describe, expect, it } from "vitest";
import { PreviewLane, superseded } from "./preview-lane.ts";

/** Work that goes on until it is let go, and tells whether it was stopped by then. */
function held() {
  const gate = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const work = async (isStopped: () => boolean) => {
    began.resolve();
    await gate.promise;
    if (isStopped()) throw superseded();
    return "done";
  };
  return { work, began: began.promise, letGo: () => gate.resolve() };
}

describe("previews of one object", () => {
  it("are made one after another, in the order in which they came", async () => {
    const lane = new PreviewLane();
    const first = held();
    const order: string[] = [];
    const all = [
      lane.run("a", first.work).then(() => order.push("a")),
      lane.run("b", async () => order.push("b begins")),
      lane.run("c", async () => order.push("c begins")),
    ];
    await first.began;
    expect(order).toEqual([]);
    first.letGo();
    await Promise.all(all);
    expect(order).toEqual(["a", "b begins", "c begins"]);
  });

  it("stop for a newer one of the same session, at work or waiting, and for nobody else's", async () => {
    const lane = new PreviewLane();
    const [mine, others] = [held(), held()];
    const atWork = lane.run("me", mine.work);
    const theirs = lane.run("other", others.work);
    await mine.began;
    const waiting = lane.run("me", async () => "never");
    const newest = lane.run("me", async () => "newest");
    await expect(waiting).rejects.toThrow("A newer preview of yours");
    mine.letGo();
    await expect(atWork).rejects.toThrow("A newer preview of yours");
    others.letGo();
    expect([await theirs, await newest]).toEqual(["done", "newest"]);
  });

  it("are refused when eight sessions wait, and taken again when they have had their turn", async () => {
    const lane = new PreviewLane();
    const first = held();
    const atWork = lane.run("first", first.work);
    const waiting = Array.from({ length: 8 }, (_, number) => lane.run(`session-${number}`, async () => number));
    await expect(lane.run("one too many", async () => 0)).rejects.toThrow("Too many people");
    first.letGo();
    await Promise.all([atWork, ...waiting]);
    expect(await lane.run("one too many", async () => "taken")).toBe("taken");
  });

  it("go on after one that failed", async () => {
    const lane = new PreviewLane();
    const failed = lane.run("a", () => Promise.reject(new Error("broken")));
    const next = lane.run("b", async () => "done");
    await expect(failed).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });
});
