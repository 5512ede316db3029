import { describe, expect, it } from "vitest";
import { isAllowedTeam } from "./access.ts";
import { isAllowedIssuer } from "./issuer.ts";
import { localPath } from "./next.ts";

const PUBLIC = "https://nephos.example.com";
const LOCAL = "http://localhost:8787";

describe("an issuer", () => {
  it.each([
    "https://accounts.google.com",
    "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
    "https://id.example.com:8443/realms/a/",
    "https://9.9.9.9",
    "https://[2606:4700:4700::1111]/",
  ])("may be %s", (issuer) => {
    expect(isAllowedIssuer(issuer, PUBLIC)).toBe(true);
    expect(isAllowedIssuer(issuer, LOCAL)).toBe(true);
  });

  it.each([
    "http://accounts.google.com",
    "https://user@accounts.google.com",
    "https://user:password@accounts.google.com",
    "https://accounts.google.com/?a=b",
    "https://accounts.google.com/?",
    "https://accounts.google.com/#a",
    "https://accounts.google.com/#",
    "ftp://accounts.google.com",
    "javascript:alert(1)",
    "not an address",
    "",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://172.31.255.255",
    "https://192.168.1.1",
    "https://100.64.0.1",
    "https://169.254.169.254/latest/meta-data",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://0.0.0.0",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://[fe80::1]",
    "https://[fc00::1]",
    "https://[fd00:ec2::254]",
    "https://[::]",
    "https://[::ffff:10.0.0.1]",
    "https://[64:ff9b::a00:1]",
    "https://[2002:a00:1::]",
    "https://[2001:db8::1]",
    "https://[2001:0:a00:1::]",
    "https://metadata.google.internal",
    "https://metadata.google.internal.",
    "https://printer.local",
    "https://router",
    "https://a.localhost",
  ])("may nowhere be %s", (issuer) => {
    expect(isAllowedIssuer(issuer, PUBLIC)).toBe(false);
    expect(isAllowedIssuer(issuer, LOCAL)).toBe(false);
  });

  it.each([
    "http://localhost:9000",
    "http://localhost.:9000",
    "http://127.0.0.1:9000/realm",
    "http://127.9.9.9",
    "http://2130706433",
    "http://[::1]:9000",
    "https://localhost",
  ])("may be %s where Nephos itself is on this machine, and nowhere else", (issuer) => {
    expect(isAllowedIssuer(issuer, LOCAL)).toBe(true);
    expect(isAllowedIssuer(issuer, "http://127.0.0.1:8787")).toBe(true);
    expect(isAllowedIssuer(issuer, PUBLIC)).toBe(false);
    expect(isAllowedIssuer(issuer, "http://localhost.example.com")).toBe(false);
  });
});

describe("a team of Cloudflare Access", () => {
  it("has a name of Cloudflare's, or is on this machine", () => {
    expect(isAllowedTeam("https://team-1.cloudflareaccess.com", PUBLIC)).toBe(true);
    expect(isAllowedTeam("http://127.0.0.1:9000", LOCAL)).toBe(true);
    for (const issuer of [
      "http://team.cloudflareaccess.com",
      "https://team.cloudflareaccess.com.example.com",
      "https://cloudflareaccess.com",
      "https://a.b.cloudflareaccess.com",
      "https://team.cloudflareaccess.com:8443",
      "https://team.cloudflareaccess.com/path",
      "https://evil.example.com/.cloudflareaccess.com",
      "http://127.0.0.1:9000",
    ]) {
      expect(isAllowedTeam(issuer, PUBLIC), issuer).toBe(false);
    }
  });
});

describe("where one goes on to", () => {
  it("is a path of ours", () => {
    expect(localPath("/instances/web-1?range=1h#cpu", PUBLIC)).toBe("/instances/web-1?range=1h#cpu");
    expect(localPath("/", PUBLIC)).toBe("/");
    expect(localPath(undefined, PUBLIC)).toBe("/");
  });

  it.each([
    "//evil.example.com",
    "/\\evil.example.com",
    "/\t/evil.example.com",
    "/\n/evil.example.com",
    "/.//evil.example.com",
    "/a/..//evil.example.com",
    "\\/evil.example.com",
    "https://evil.example.com",
    "javascript:alert(1)",
    "evil",
    "",
  ])("is never %j", (next) => {
    expect(localPath(next, PUBLIC)).toBe("/");
  });
});
