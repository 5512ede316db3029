import { expect, it } from "vitest";
import { TimeUp, until, within } from "./deadline.ts";

const never = () => new Promise<never>(() => undefined);

it("an attempt that does not listen is left behind when its time is over", async () => {
  await expect(within(20, never)).rejects.toThrow(TimeUp);
});

it("an attempt is told when its time is over", async () => {
  const told = Promise.withResolvers<unknown>();
  const attempt = within(20, (signal) => {
    signal.addEventListener("abort", () => told.resolve(signal.reason));
    return never();
  });
  await expect(attempt).rejects.toThrow(TimeUp);
  expect(await told.promise).toBeInstanceOf(TimeUp);
});

it("an attempt that is over has no timer left", async () => {
  const signals: AbortSignal[] = [];
  const failing = (signal: AbortSignal) => (signals.push(signal), Promise.reject(new Error("broken")));
  expect(await within(20, (signal) => (signals.push(signal), Promise.resolve("done")))).toBe("done");
  await expect(within(20, failing)).rejects.toThrow("broken");
  // By the time another's time is over, theirs would have been.
  await expect(within(60, never)).rejects.toThrow(TimeUp);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
});

it("what is awaited after the end is not waited for", async () => {
  await expect(until(AbortSignal.abort(new TimeUp()), never())).rejects.toThrow(TimeUp);
});
