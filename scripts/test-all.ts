import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "./build.ts";
import { ensureChromium } from "./chromium.ts";

/** Free plans take at most 3 MB; a megabyte starts fast. */
const WORKER_GZIP_BYTES_MAX = 1_000_000;

/** Checks, builds, then runs every test there is; the last line counts them. */
ensureChromium();
await build({ quiet: false });
const reports = mkdtempSync(join(tmpdir(), "nephos-tests-"));
const report = join(reports, "report.json");
const run = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: "inherit" }).status ?? 1;

const checked = run(process.execPath, "scripts/check.ts", "--static");
const isWebSmall = run(process.execPath, "web/size.ts") === 0;
const workerBytes = gzipSync(readFileSync("dist/index.js")).length;
console.log(`Worker: ${Math.round(workerBytes / 1000)} kB gzip of at most ${WORKER_GZIP_BYTES_MAX / 1000}`);
const isSmall = isWebSmall && workerBytes <= WORKER_GZIP_BYTES_MAX;
const tested = run(
  "vitest",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
);
let passed = 0;
let failed = (checked === 0 ? 0 : 1) + (isSmall ? 0 : 1);
try {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, "utf8")) as Record<
    string,
    number
  >;
  passed += numPassedTests!;
  // A file that could not even be read counts as one failure, though it holds no test.
  failed += numFailedTests! || (tested === 0 ? 0 : Math.max(1, numFailedTestSuites!));
} catch {
  failed += 1;
}
rmSync(reports, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
