import { defineConfig } from "drizzle-kit";

/** `npm run migration -- --name what_it_is_for` writes the next migration from the tables of the rooms. */
export default defineConfig({ dialect: "sqlite", schema: "./worker/db/schema.ts", out: "./drizzle" });
