import { expect, it } from "vitest";
import { addressOf, readCertificate } from "./tls-certificate.ts";

const DAY_MS = 86_400_000;
/** Good from 2026-01-01 to 2026-04-01, for example.com, *.example.org and 192.0.2.7, signed by itself, P-256. */
const DER = Buffer.from(
  [
    "MIIBUDCB+KADAgECAgkB9P+lRwdMvhQwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wHhcNMjYwMTAxMDAwMDAwWhcN",
    "MjYwNDAxMDAwMDAwWjAWMRQwEgYDVQQDDAtleGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGfVemVfsFI1BDnncnSf",
    "vnLFHV6teAe+loDF3CjjwKxZt21I+FcbuAz89iYSnOl3GRweMAQlszL+YpMHcRoE4pSjLzAtMCsGA1UdEQQkMCKCC2V4YW1wbGUuY29t",
    "gg0qLmV4YW1wbGUub3JnhwTAAAIHMAoGCCqGSM49BAMCA0cAMEQCIEEdW3qmJT05AnSkChKARRExPALHJeL1fVapMkF3ayPYAiATKZEv",
    "oqOu5ybbcDXZpiI4impfOk6LHTjZnxs0mfNH5A==",
  ].join(""),
  "base64",
);
const BEGINS_AT = Date.UTC(2026, 0, 1);
const ENDS_AT = Date.UTC(2026, 3, 1);

const troubleAt = (host: string, now = BEGINS_AT + DAY_MS) => readCertificate(DER, host, now)?.trouble;

it("is good from its first second to its last", () => {
  expect(readCertificate(DER, "example.com", BEGINS_AT)).toEqual({
    endsAt: ENDS_AT,
    trouble: undefined,
    isSelfSigned: true,
  });
  expect(troubleAt("example.com", BEGINS_AT - 1)).toBe("certificate is good only from 2026-01-01 on");
  expect(troubleAt("example.com", ENDS_AT - 1)).toBeUndefined();
  expect(troubleAt("example.com", ENDS_AT)).toBe("certificate ended 0 s ago");
  expect(troubleAt("example.com", ENDS_AT + 5 * DAY_MS)).toBe("certificate ended 5 days ago");
});

it.each(["example.com", "EXAMPLE.com", "www.example.org", "192.0.2.7"])("is for %s", (host) => {
  expect(troubleAt(host)).toBeUndefined();
});

it.each(["www.example.com", "example.org", "a.b.example.org", "192.0.2.8", "2001:db8::1"])("is not for %s", (host) => {
  expect(troubleAt(host)).toBe(`certificate is not for ${host}, but for "example.com, *.example.org, 192.0.2.7"`);
});

it("is nothing where it cannot be read", () => {
  expect(readCertificate(DER.subarray(0, 100), "example.com", BEGINS_AT)).toBeUndefined();
});

it("a host is an address in every spelling, and a name otherwise", () => {
  expect(["192.0.2.7", "0xc0000207", "2001:DB8::1", "example.com", "192.0.2.7.example.com"].map(addressOf)).toEqual([
    "192.0.2.7",
    "192.0.2.7",
    "2001:db8::1",
    undefined,
    undefined,
  ]);
});
