import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";

/** `npm run check`: format, lint, types and the fast tests; stops at the first that fails. `--static` leaves the tests out. */
const steps: [what: string, command: string, ...args: string[]][] = [
  ["generated types", "wrangler", "types", "worker/worker-configuration.d.ts"],
  ["format", "prettier", "--check", "--log-level", "warn", "."],
  [
    "lint",
    "oxlint",
    "--quiet",
    "--deny-warnings",
    "contract",
    "agent",
    "worker",
    "scripts",
    "tests",
    "bench",
    "web/src",
  ],
  ["types: contract", "tsc", "-p", "contract"],
  ["types: agent", "tsc", "-p", "agent"],
  ["types: worker", "tsc", "-p", "worker"],
  ["types: scripts, tests, bench", "tsc", "-p", "."],
  ["types: web", "svelte-check", "--workspace", "web", "--tsconfig", "./tsconfig.json", "--threshold", "warning"],
  ["types: service worker", "tsc", "-p", "web/src/service-worker"],
  [
    "fast tests",
    "vitest",
    "run",
    "--project=node",
    "--project=worker",
    "--project=web",
    // None of them measures time or shares a port, so they may crowd the machine.
    `--maxWorkers=${availableParallelism()}`,
  ],
];

if (!existsSync("web/build")) spawnSync("mkdir", ["-p", "web/build"]);
spawnSync("svelte-kit", ["sync"], { cwd: "web", stdio: "inherit" });
const wanted = process.argv.includes("--static") ? steps.filter(([what]) => what !== "fast tests") : steps;
for (const [what, command, ...args] of wanted) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`${stdout}${stderr}\n✗ ${what} (${seconds} s)`);
    process.exit(status ?? 1);
  }
  console.log(`✓ ${what} (${seconds} s)`);
}
