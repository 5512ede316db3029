import { expect, test } from "vitest";
import { accountNameFor } from "./account-name-for.ts";

test("an account is called as its cloud, and the next one is told apart", () => {
  expect(accountNameFor("vultr", [])).toBe("Vultr");
  expect(accountNameFor("vultr", [{ name: "Vultr" }, { name: "Vultr 3" }])).toBe("Vultr 2");
  expect(accountNameFor("vultr", [{ name: "Vultr" }, { name: "Vultr 2" }])).toBe("Vultr 3");
});
