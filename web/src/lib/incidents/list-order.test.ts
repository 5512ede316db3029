import { expect, test } from "vitest";
import { NO_FILTER } from "./filter.ts";
import { inOrder, settled, updated, withFirstPage, withNextPage } from "./list-order.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id).join(" ");
const critical = (id: string, openedAt: number) => incidentOf(id, { openedAt });
const warning = (id: string, openedAt: number) => incidentOf(id, { openedAt, severity: "warning" });

test("open ones come first, critical ones before warnings, the newest first; then what ended last", () => {
  const list = [resolvedOf("r1", 50), warning("w", 99), critical("c1", 10), resolvedOf("r2", 60), critical("c2", 20)];
  expect(ids(list.sort(inOrder))).toBe("c2 c1 w r2 r1");
});

test("a change stays in its place, and older news than what is shown is left out", () => {
  const shown = [critical("a", 20), critical("b", 10)];
  const news = [resolvedOf("b", 2_000), incidentOf("a", { updatedAt: 1, members: 9 })];
  const next = updated(shown, news);
  expect(ids(next)).toBe("a b");
  expect(next[1]!.state).toBe("resolved");
  expect(next[0]!.members).toBe(1);
});

test("a settled list has what came, in order, and not what has passed", () => {
  const shown = [critical("a", 20), resolvedOf("b", 2_000), warning("w", 5)];
  expect(ids(settled(shown, [critical("n", 30)], NO_FILTER, false))).toBe("n a w");
});

test("what belongs below the last loaded row comes with its page", () => {
  const shown = [critical("a", 20), critical("b", 10)];
  expect(ids(settled(shown, [warning("w", 30), critical("n", 30)], NO_FILTER, true))).toBe("n a b");
});

test("a first page asked for again keeps the pages below it, each row once", () => {
  const shown = [critical("a", 40), critical("b", 30), critical("c", 20), critical("d", 10)];
  const page = [critical("n", 50), critical("a", 40), critical("b", 30)];
  expect(ids(withFirstPage(shown, page, true))).toBe("n a b c d");
  expect(ids(withFirstPage(shown, page, false))).toBe("n a b");
  expect(ids(withNextPage(page, [critical("b", 30), critical("c", 20)]))).toBe("n a b c");
});
