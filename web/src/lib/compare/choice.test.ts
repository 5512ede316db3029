import { expect, test } from "vitest";
import { choiceOf, compareAddress, compareHref, INSTANCES_MAX, withInstances, withoutInstance } from "./choice.ts";

const from = (address: string) => choiceOf(new URL(address, "https://nephos.example").searchParams);

test("an address gives back the choice it was made of", () => {
  const choice = { instances: ["web-1", "a@b:2"], metric: "disk_util_ratio:a b&c", window: "30d" };
  expect(from(compareAddress(choice))).toEqual(choice);
  expect(compareAddress({ instances: [], metric: "load_1m", window: "1h" })).toBe("/compare?metric=load_1m&window=1h");
});

test("an address that says less, or nonsense, is the usual choice", () => {
  const usual = { instances: [], metric: "cpu_busy_ratio", window: "24h" };
  expect(from("/compare")).toEqual(usual);
  expect(from("/compare?instances=,&metric=NO&window=3w")).toEqual(usual);
  expect(from(compareHref("web-1"))).toEqual({ ...usual, instances: ["web-1"] });
});

test("nobody is chosen twice, and no more than the server takes", () => {
  expect(from("/compare?instances=a,b,a").instances).toEqual(["a", "b"]);
  const many = Array.from({ length: INSTANCES_MAX + 5 }, (_, index) => `i${index}`);
  expect(withInstances(from("/compare?instances=i3"), many).instances).toHaveLength(INSTANCES_MAX);
  expect(from(`/compare?instances=${many}`).instances).toHaveLength(INSTANCES_MAX);
});

test("the others keep their order, and with it their colours, as far as they can", () => {
  const choice = from("/compare?instances=a,b,c");
  expect(withoutInstance(choice, "b").instances).toEqual(["a", "c"]);
  expect(withInstances(choice, ["a", "d"]).instances).toEqual(["a", "b", "c", "d"]);
});
