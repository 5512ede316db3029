import { describe, expect, it } from "vitest";
import { targetSchema, type TargetInput } from "../../contract/checks.ts";
import { refusedTarget, resolvesPrivately } from "./target.ts";

const refusal = (target: TargetInput, allowsPrivate = false) =>
  refusedTarget(targetSchema.parse(target), { allowsPrivate });
const ofUrl = (url: string, allowsPrivate = false) => refusal({ kind: "http", url }, allowsPrivate);
const ofHost = (host: string, allowsPrivate = false) => refusal({ kind: "tcp", host, port: 22 }, allowsPrivate);

const PRIVATE_HOSTS = [
  "127.0.0.1",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "0.0.0.0",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  // Decimal, hexadecimal, octal, and shortened.
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0251.0376.0251.0376",
  "127.1",
  "::1",
  "::",
  "fe80::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  // An IPv4 address inside: mapped, compatible, 6to4, Teredo, NAT64.
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "2002:7f00:1::",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001::1",
  "64:ff9b::7f00:1",
  // Set aside: benchmarks, ORCHIDv2, and documentation.
  "2001:2::1",
  "2001:20::1",
  "2001:1ff::1",
  "2001:db8::1",
  "3fff:1::1",
  "localhost",
  "localhost.",
  "a.localhost",
  "router",
  "db.internal",
  "metadata.google.internal",
  "printer.local",
  "nas.lan",
  "1.0.0.127.in-addr.arpa",
];

describe("a private target", () => {
  it.each(PRIVATE_HOSTS)("is refused, unless the owner allows it: %s", (host) => {
    const url = `https://${host.includes(":") ? `[${host}]` : host}:8443/x`;
    expect(ofHost(host)).toMatchObject({ field: "target.host", message: expect.stringContaining("private network") });
    expect(refusal({ kind: "tls", host })).toMatchObject({ field: "target.host" });
    expect(ofUrl(url)).toMatchObject({ field: "target.url", remedy: expect.stringContaining("owner") });
    expect(ofHost(host, true)).toBeUndefined();
    expect(ofUrl(url, true)).toBeUndefined();
  });
});

describe("a public target", () => {
  it.each(["example.com", "a_b.example.com", "93.184.215.14", "8.8.8.8", "2001:4860:4860::8888", "2a00:1450::1"])(
    "may be asked: %s",
    (host) => {
      expect(ofHost(host)).toBeUndefined();
      expect(ofUrl(`http://${host.includes(":") ? `[${host}]` : host}/health?a=b`)).toBeUndefined();
    },
  );

  it.each([
    "ftp://example.com/",
    "javascript:alert(1)",
    "example.com",
    "http://",
    "file:///etc/passwd",
    "ws://example.com",
  ])("is no address of the web: %s", (url) => {
    expect(ofUrl(url)).toMatchObject({ field: "target.url", message: expect.stringContaining("http:// or https://") });
  });

  it.each(["https://user:word@example.com/", "https://user@example.com/", "https://:word@example.com/"])(
    "does not show its credentials to everybody: %s",
    (url) => {
      expect(ofUrl(url, true)).toMatchObject({ field: "target.url", remedy: expect.stringContaining("header") });
    },
  );

  it.each(["999.1.1.1", "1.2.3.4.5", "1:2", "::g", "a..b:80", "-"])("is refused where it is no host: %s", (host) => {
    expect(ofHost(host)).toMatchObject({ field: "target.host" });
  });

  it("is not on port 25", () => {
    expect(refusal({ kind: "tcp", host: "mail.example.com", port: 25 }, true)).toMatchObject({ field: "target.port" });
    expect(refusal({ kind: "tls", host: "mail.example.com", port: 25 })).toMatchObject({ field: "target.port" });
    expect(ofUrl("http://example.com:25/")).toMatchObject({ field: "target.url" });
    expect(refusal({ kind: "tcp", host: "mail.example.com", port: 587 })).toBeUndefined();
  });

  it.each(["104.16.132.229", "172.67.1.1", "1.1.1.1", "2606:4700:4700::1111"])(
    "is none of Cloudflare's addresses, which no Worker can connect to, but at home: %s",
    (host) => {
      const url = `https://${host.includes(":") ? `[${host}]` : host}/`;
      expect(ofHost(host)).toMatchObject({ message: expect.stringContaining("address of Cloudflare") });
      expect(ofUrl(url)).toMatchObject({ field: "target.url" });
      expect(ofHost(host, true)).toBeUndefined();
    },
  );
});

describe("a DNS target", () => {
  const ofResolver = (resolver: string, allowsPrivate = false) =>
    refusal({ kind: "dns", name: "db.internal", resolver }, allowsPrivate);

  it("may be about any name, and no address", () => {
    expect(refusal({ kind: "dns", name: "db.internal" })).toBeUndefined();
    expect(refusal({ kind: "dns", name: "192.0.2.7" })).toMatchObject({ field: "target.name" });
    expect(refusal({ kind: "dns", name: "2001:db8::1" })).toMatchObject({ field: "target.name" });
  });

  it("asks a resolver on the internet, by its name and over HTTPS, or any at home", () => {
    expect(ofResolver("https://dns.google/resolve")).toBeUndefined();
    for (const resolver of [
      "http://dns.google/resolve",
      "https://9.9.9.9/dns-query",
      "https://10.0.0.1/",
      "https://a:b@dns.google/",
    ])
      expect(ofResolver(resolver), resolver).toMatchObject({ field: "target.resolver" });
    expect(ofResolver("http://10.0.0.1:8053/dns-query", true)).toBeUndefined();
  });
});

it("a heartbeat asks nobody", () => {
  expect(refusal({ kind: "heartbeat", periodMs: 60_000 })).toBeUndefined();
});

describe("what a name leads to", () => {
  const leadingTo = (...addresses: string[]) => resolvesPrivately("a.example.com", () => Promise.resolve(addresses));

  it("is found out where it is inside a private network", async () => {
    expect(await leadingTo("93.184.215.14", "169.254.169.254")).toBe("169.254.169.254");
    expect(await leadingTo("2a00:1450::1", "::ffff:10.0.0.1")).toBe("::ffff:10.0.0.1");
    expect(await leadingTo("93.184.215.14", "2a00:1450::1")).toBeUndefined();
  });

  it("is not held against it where nobody knows", async () => {
    expect(await resolvesPrivately("a.example.com", () => Promise.resolve(undefined))).toBeUndefined();
    expect(await leadingTo()).toBeUndefined();
  });

  it("is not asked of an address", async () => {
    const asked: string[] = [];
    const resolve = (name: string) => Promise.resolve(void asked.push(name));
    for (const host of ["10.0.0.1", "::1", "2130706433"])
      expect(await resolvesPrivately(host, resolve)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
