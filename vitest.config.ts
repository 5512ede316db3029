import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { startControl } from "./tests/outside/control.ts";

/**
 * Tests of the Worker that need neither its runtime nor anything that is only there: arithmetic, words, deciders. Each file of the "worker" project
 * costs seconds before its first test, so these run in Node.
 */
const NEEDS_WORKERD = /cloudflare:|\/testing\/|\binject\(|scripts\/demo\/|setup-text|RowPacker/;
const PURE = globSync("worker/**/*.test.ts").filter((file) => !NEEDS_WORKERD.test(readFileSync(file, "utf8")));

/** Fast projects make up `npm run check`; `walks`, which cross rooms with real processes, and `slow` come with `npm test`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: [
            "{contract,agent,scripts}/**/*.test.ts",
            "tests/{rooms,migrations,protocol,snowflake-*}.test.ts",
            ...PURE,
          ],
          exclude: ["**/*.slow.test.ts", "**/node_modules/**"],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            remoteBindings: false,
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations("./drizzle"),
                SESSION_SECRET: crypto.randomUUID(),
                ENCRYPTION_KEY_1: randomBytes(32).toString("base64url"),
                CONTROL_URLS: await startControl(),
                ...(process.env["NEPHOS_SEED"] && { NEPHOS_SEED: process.env["NEPHOS_SEED"] }),
              },
            },
          })),
        ],
        test: {
          name: "worker",
          include: ["worker/**/*.test.ts"],
          exclude: [...PURE, "**/node_modules/**"],
          globalSetup: ["./tests/outside/all.ts"],
          setupFiles: ["./worker/testing/apply-migrations.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ["browser"] },
        test: { name: "web", include: ["web/src/**/*.test.ts"] },
      },
      {
        test: {
          name: "walks",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/{rooms,migrations,protocol,snowflake-*}.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      { test: { name: "slow", include: ["agent/**/*.slow.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 } },
    ],
  },
});
