/// <reference types="node" />
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * The JavaScript a first visit to the fleet loads, as it travels (gzip): the entry, the layouts, the fleet's own page and
 * all they import at once. What is imported on demand is not counted. Exits 1 above the budget. Run after the build.
 */

const BUDGET_BYTES = 120_000;
const FIRST_PAGE = ["routes/+layout.svelte", "routes/(app)/+layout.svelte", "routes/(app)/+page.svelte"];
const ENTRIES = ["client/entry.js", "client/client-entry.js", "client/payload.js", "client-optimized/app.js"];

interface Chunk {
  file: string;
  src?: string;
  imports?: string[];
}

const client = new URL(".svelte-kit/output/client/", import.meta.url);
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(new URL(".vite/manifest.json", client), "utf8"));

/** Kit gives every page and layout a numbered file, which names the source it stands for. */
function isFirstPage(source: string): boolean {
  if (!source.includes("/nodes/")) return false;
  const text = readFileSync(new URL(source, import.meta.url), "utf8");
  return FIRST_PAGE.some((page) => text.includes(`/${page}"`));
}

function withImports(key: string, found: Set<string>): void {
  if (found.has(key)) return;
  found.add(key);
  for (const imported of manifest[key]?.imports ?? []) withImports(imported, found);
}

const roots = Object.entries(manifest).filter(
  ([, { src }]) => src !== undefined && (ENTRIES.some((entry) => src.endsWith(entry)) || isFirstPage(src)),
);
if (roots.length !== ENTRIES.length + FIRST_PAGE.length) {
  throw new Error(`expected ${ENTRIES.length + FIRST_PAGE.length} first files in the build, found ${roots.length}`);
}
const loaded = new Set<string>();
for (const [key] of roots) withImports(key, loaded);

let bytes = 0;
for (const key of loaded) bytes += gzipSync(readFileSync(new URL(manifest[key]!.file, client))).length;
console.log(`first load of the fleet page: ${(bytes / 1000).toFixed(1)} kB gzip in ${loaded.size} files`);
if (bytes > BUDGET_BYTES) {
  console.error(`above the budget of ${BUDGET_BYTES / 1000} kB`);
  process.exitCode = 1;
}
