import { expect, it } from "vitest";
import { clientHello } from "./tls-hello.ts";

const RANDOM = new Uint8Array(32).fill(7);

it("a hello says its own lengths truthfully, and names the server where it has a name", () => {
  const hello = Buffer.from(clientHello("a.example.com", RANDOM));
  expect(hello.readUInt16BE(3)).toBe(hello.length - 5);
  expect(hello.readUIntBE(6, 3)).toBe(hello.length - 9);
  expect(hello.includes("a.example.com")).toBe(true);
  // Record of TLS 1.0 as everybody sends it, and within it version 1.2.
  expect([...hello.subarray(0, 3), ...hello.subarray(9, 11)]).toEqual([22, 3, 1, 3, 3]);
});

it("a hello to an address names nobody", () => {
  const named = clientHello("1.2.3.4", RANDOM).length;
  // Type and length of the extension, of its list, and of the name in it.
  expect(clientHello(null, RANDOM).length).toBe(named - "1.2.3.4".length - 9);
});

it("a hello is not sent without enough chance", () => {
  expect(() => clientHello("a.example.com", new Uint8Array(31))).toThrow(RangeError);
});
