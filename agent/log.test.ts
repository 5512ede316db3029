import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { inWords } from "./log.ts";

describe("the log", () => {
  it("writes one line per event with its time, and stars for a secret", () => {
    const script = `
      const { createLog } = await import(${JSON.stringify(`${import.meta.dirname}/log.ts`)});
      const log = createLog({ isDebug: false, fileDescriptor: 1, secrets: ["nep_secret"] });
      log.info("posting to https://x/?token=nep_secret\\n  failed");
      log.debug("not shown");`;
    const text = execFileSync(process.execPath, ["--input-type=module", "-e", script]).toString();
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z posting to https:\/\/x\/\?token=\*\*\*\* failed\n$/);
  });

  it("lets nothing through that could steer the terminal it is read on", () => {
    const script = `
      const { createLog } = await import(${JSON.stringify(`${import.meta.dirname}/log.ts`)});
      createLog({ isDebug: false, fileDescriptor: 1, secrets: [] }).warn("a\u001b[2J\u202eb\u2028c\td");`;
    const text = execFileSync(process.execPath, ["--input-type=module", "-e", script]).toString();
    expect(text).toMatch(/^\S+Z a \[2J b c d\n$/);
  });

  it("writes an object in words", () => {
    expect(inWords({ metricsIngested: 12, name: "a", gone: undefined })).toBe('{ metricsIngested: 12, name: "a" }');
  });
});
