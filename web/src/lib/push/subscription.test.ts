import { expect, test } from "vitest";
import { isOfKey, keyBytes, subscribedOf } from "./subscription.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const endpoint = "https://push.example/1";

test("a subscription gives the channel its address, its keys and a name", () => {
  const keys = { p256dh: "BNc", auth: "8eD" };
  expect(subscribedOf({ endpoint, keys }, FIREFOX)).toEqual({ url: endpoint, ...keys, browser: "Firefox on Linux" });
});

test.each([{}, { endpoint }, { endpoint, keys: {} }, { endpoint, keys: { p256dh: "BNc" } }])(
  "a subscription that lacks something is refused: %j",
  (json) => {
    expect(() => subscribedOf(json, FIREFOX)).toThrow("gave no keys");
  },
);

test("a key of the server is read from base64url, whatever its length", () => {
  expect([...keyBytes("-_8")]).toEqual([0xfb, 0xff]);
  expect([...keyBytes("_-__")]).toEqual([0xff, 0xef, 0xff]);
});

test("a subscription made for another key, or for none, is told apart", () => {
  const key = keyBytes("AQID");
  expect(isOfKey(Uint8Array.of(1, 2, 3).buffer, key)).toBe(true);
  expect(isOfKey(Uint8Array.of(1, 2, 4).buffer, key)).toBe(false);
  expect(isOfKey(Uint8Array.of(1, 2).buffer, key)).toBe(false);
  expect(isOfKey(null, key)).toBe(false);
});
