import { expect, test } from "vitest";
import { tabOf } from "./tabs.ts";

test.each([
  ["/alerts", "/alerts"],
  ["/alerts/0198c1f2", "/alerts"],
  ["/alerts/rules", "/alerts/rules"],
  ["/alerts/channels/new", "/alerts/channels"],
])("%s is in the tab %s", (path, tab) => expect(tabOf(path)).toBe(tab));
