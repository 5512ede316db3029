import { spawnSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const script = join(import.meta.dirname, "snowflake-keys.ts");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nephos-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const make = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: "utf8" });

it("keeps the private key to its owner, and prints the public one that belongs to it, with its fingerprint", () => {
  const { status, stdout } = make();
  expect(status).toBe(0);
  const [file, ...more] = readdirSync(folder);
  expect([file, more]).toEqual(["nephos-snowflake-key.p8", []]);
  expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
  const key = createPrivateKey(readFileSync(join(folder, file!)));
  expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 2_048]);
  const publicDer = createPublicKey(key).export({ type: "spki", format: "der" });
  const lines = stdout.split("\n");
  expect(lines).toContain(publicDer.toString("base64"));
  expect(lines).toContain(`SHA256:${createHash("sha256").update(publicDer).digest("base64")}`);
  expect(stdout).not.toContain("PRIVATE KEY-----");
});

it("never writes over a file, and says how to name another", () => {
  const first = make("mine.p8");
  const before = readFileSync(join(folder, "mine.p8"), "utf8");
  const again = make("mine.p8");
  expect([first.status, again.status]).toEqual([0, 1]);
  expect(readFileSync(join(folder, "mine.p8"), "utf8")).toBe(before);
  expect(again.stderr).toMatch(/mine\.p8[\s\S]*already[\s\S]*npm run snowflake:keys -- another\.p8/);
});

it("says so where the folder is not there", () => {
  const { status, stderr, stdout } = make("nowhere/mine.p8");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/No key was written[\s\S]*ENOENT/);
});
