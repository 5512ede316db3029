import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect } from "vitest";
import { secretsInLog, watchLog } from "./planted.ts";

watchLog();

beforeAll(async () => {
  await applyD1Migrations(env.DB, (env as Env & { TEST_MIGRATIONS: D1Migration[] }).TEST_MIGRATIONS);
});

afterAll(() => {
  expect(secretsInLog(), "planted secrets in the log").toEqual([]);
});
