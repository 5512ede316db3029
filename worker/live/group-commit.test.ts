import { expect, it } from "vitest";
import { GroupCommit } from "./group-commit.ts";

const LIMITS = { rowsMax: 5, bytesMax: 50, queueBytesMax: 1_000, gatherAbove: 1 };

/** A small generator, so that a failure can be run again from its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

it("what is resolved is committed, what is rejected may be sent again, and order holds, whatever fails", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const next = random(seed);
  const committed: number[] = [];
  const commits = new GroupCommit<number>(
    async (rows) => {
      for (let turns = Math.floor(next() * 4); turns > 0; turns--) await Promise.resolve();
      if (next() < 0.2) throw new Error("the database said no");
      expect(rows.length).toBeLessThanOrEqual(LIMITS.rowsMax);
      committed.push(...rows);
    },
    LIMITS,
    () => Promise.resolve(),
  );

  let sent = 0;
  const outcomes: Promise<void>[] = [];
  for (let step = 0; step < 2_000; step++) {
    const rows = Array.from({ length: Math.floor(next() * 4) }, () => ++sent);
    outcomes.push(
      commits.add(rows, rows.length * 10).then(
        () => expect(committed).toEqual(expect.arrayContaining(rows)),
        () => expect(rows.some((row) => committed.includes(row))).toBe(false),
      ),
    );
    if (next() < 0.3) await Promise.resolve();
  }
  await Promise.all(outcomes);
  expect(committed).toEqual([...committed].sort((a, b) => a - b));
  expect(new Set(committed).size).toBe(committed.length);
});

it("fails what waits behind a failed commit, so that nobody is told a later one is durable", async () => {
  const failing = Promise.withResolvers<void>();
  const commits = new GroupCommit<number>(
    () => failing.promise,
    LIMITS,
    () => Promise.resolve(),
  );
  const [first, second] = [commits.add([10], 10), commits.add([11], 10)];
  failing.reject(new Error("no"));
  await expect(first).rejects.toThrow();
  await expect(second).rejects.toThrow();
});

it("says when there is no more room", async () => {
  const open = Promise.withResolvers<void>();
  const commits = new GroupCommit<number>(
    () => open.promise,
    LIMITS,
    () => Promise.resolve(),
  );
  const under = [commits.add([1], 10), commits.add([2], 995)];
  expect(commits.hasRoom(5)).toBe(true);
  expect(commits.hasRoom(6)).toBe(false);
  open.resolve();
  await Promise.all(under);
  expect(commits.hasRoom(1_000)).toBe(true);
});
