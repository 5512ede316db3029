import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { instanceIdSchema } from "../contract/ingest.ts";
import { configOf, ConfigError, describeConfig } from "./config.ts";
import { readSettings } from "./settings-source.ts";

const base = { NEPHOS_ENDPOINT: "https://nephos.example", NEPHOS_TOKEN: "nep_secret" };

describe("the configuration", () => {
  it("needs an endpoint and a token, and has a default for everything else", () => {
    expect(configOf(base, "send")).toMatchObject({
      ingestUrl: "https://nephos.example/ingest",
      token: "nep_secret",
      intervalMs: 30_000,
      root: "/",
      isDebug: false,
    });
  });

  it("takes the original's names", () => {
    const config = configOf(
      {
        NEPHOS_ENDPOINT: "https://nephos.example/ingest/vultr?token=nep_secret",
        INSTANCE_ID: "i-1",
        INSTANCE_NAME: "web-1",
        VULTR_REGION: "ewr",
        INSTANCE_TYPE: "vultr-compute",
        HEALTH_ENDPOINT: "http://localhost/health",
        COLLECTION_INTERVAL: "10000",
        DEBUG: "true",
      },
      "send",
    );
    expect(config).toMatchObject({
      token: "nep_secret",
      region: "ewr",
      instanceType: "vultr-compute",
      intervalMs: 10_000,
    });
  });

  it("needs neither where nothing is sent", () => {
    expect(configOf({}, "print")).toMatchObject({ intervalMs: 30_000 });
  });

  it.each([
    [{ NEPHOS_TOKEN: "x" }, "NEPHOS_ENDPOINT is not set. Set it"],
    [{ NEPHOS_ENDPOINT: "https://x.example" }, "NEPHOS_TOKEN is not set. Make a token"],
    [{ ...base, NEPHOS_TOKEN: "two words" }, "NEPHOS_TOKEN is too short or holds a space"],
    [{ ...base, NEPHOS_TOKEN: "short" }, "NEPHOS_TOKEN is too short"],
    [{ ...base, NEPHOS_ENDPOINT: "http://x.example" }, "NEPHOS_ALLOW_HTTP=1"],
    [{ ...base, INSTANCE_ID: "a b" }, "INSTANCE_ID is not an id"],
    [{ ...base, INSTANCE_NAME: "x".repeat(129) }, "INSTANCE_NAME is too long"],
    [{ ...base, HEALTH_ENDPOINT: "localhost/health" }, "HEALTH_ENDPOINT is not an address"],
    [{ ...base, COLLECTION_INTERVAL: "30" }, "COLLECTION_INTERVAL is in milliseconds"],
    [{ ...base, COLLECTION_INTERVAL: "30s" }, "COLLECTION_INTERVAL is in milliseconds"],
    [{ ...base, COLLECTION_INTERVAL: "3600001" }, "to 3600000"],
    [{ ...base, NEPHOS_CLOUD_METADATA: "of" }, "NEPHOS_CLOUD_METADATA is on or off"],
  ])("%j is refused with one clear sentence and a remedy", (settings, complaint) => {
    expect(() => configOf(settings, "send")).toThrow(ConfigError);
    expect(() => configOf(settings, "send")).toThrow(complaint);
  });

  it("takes an enrolment token only to enrol, an agent's own for both, and where nothing is sent whatever there is", () => {
    const enrolment = { ...base, NEPHOS_TOKEN: `nee_${"x".repeat(43)}` };
    expect(() => configOf(enrolment, "send")).toThrow(/is an enrolment token.*nephos-agent --enrol.*install line/);
    expect(() => configOf({ NEPHOS_ENDPOINT: `https://x.example?token=${enrolment.NEPHOS_TOKEN}` }, "send")).toThrow(
      ConfigError,
    );
    expect(configOf(enrolment, "enrol")).toMatchObject({
      enrolUrl: "https://nephos.example/enrol",
      token: enrolment.NEPHOS_TOKEN,
    });
    expect(configOf(base, "enrol")).toMatchObject({ token: "nep_secret" });
    expect(configOf(enrolment, "print")).toMatchObject({ intervalMs: 30_000 });
    expect(() => configOf({ ...base, NEPHOS_TOKEN: "nea_programs" }, "enrol")).toThrow(
      "neither an enrolment token nor",
    );
  });

  it.each(["i-1", "a", "-a", "a b", "ä", "9:x@y.z", "x".repeat(128), "x".repeat(129)])(
    "judges the instance id %j as the wire does",
    (id) => {
      let isTaken = true;
      try {
        configOf({ ...base, INSTANCE_ID: id }, "send");
      } catch {
        isTaken = false;
      }
      expect(isTaken).toBe(instanceIdSchema.safeParse(id).success);
    },
  );

  it.each([
    [undefined, 64_000_000],
    ["0", 0],
    ["1", 1_000_000],
    ["1024", 1_024_000_000],
  ])("keeps a spool of NEPHOS_SPOOL_MB=%s", (text, bytes) => {
    expect(configOf({ ...base, NEPHOS_SPOOL_MB: text }, "send").spoolBytesMax).toBe(bytes);
  });

  it.each(["1025", "-1", "1.5", "64MB", "99999"])("refuses NEPHOS_SPOOL_MB=%s", (text) => {
    expect(() => configOf({ ...base, NEPHOS_SPOOL_MB: text }, "send")).toThrow("NEPHOS_SPOOL_MB is in megabytes");
  });

  it("never shows a token, not even one within the health address", () => {
    const config = configOf({ ...base, HEALTH_ENDPOINT: "http://u:hidden@localhost/health?key=hidden" }, "send");
    const text = JSON.stringify(describeConfig(config, "i-1"));
    expect(text).not.toMatch(/nep_secret|hidden/);
    expect(text).toContain("****");
  });
});

describe("where settings come from", () => {
  const path = join(mkdtempSync(join(tmpdir(), "nephos-config-")), "agent.env");

  it("is the file, and the environment before the file", () => {
    writeFileSync(path, "A=file\nB=file\n");
    expect(readSettings({ B: "environment" }, path)).toEqual({ A: "file", B: "environment" });
  });

  it("must be there when named, and may be missing when not", () => {
    expect(() => readSettings({}, `${path}.not`)).toThrow("does not exist");
    expect(readSettings({ A: "1", NEPHOS_ENDPOINT: "x" }, undefined)).toMatchObject({ A: "1" });
  });

  it("is told by its path and line where it cannot be read", () => {
    writeFileSync(path, "A=1\nnonsense\n");
    expect(() => readSettings({}, path)).toThrow(`${path} line 2 is not KEY=value`);
  });
});
