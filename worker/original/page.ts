import { Hono } from "hono";
import { createMiddleware } from "hono/factory";

/**
 * Some of the original's addresses are pages of the dashboard too. A browser that goes there gets the page, before anything else
 * is asked of it; whatever reads data there goes on, and is never answered from a cache.
 */
const pageOrData = createMiddleware<{ Bindings: Env }>(async function pageOrData(c, next) {
  if (wantsPage(c.req.raw)) return c.env.ASSETS.fetch(c.req.raw);
  await next();
  c.header("cache-control", "no-store");
  c.header("vary", "accept, authorization, sec-fetch-mode");
});

/** To be in front of what secures data: a page has headers of its own. */
export const originalPages = new Hono<{ Bindings: Env }>()
  .use("/instances/*", pageOrData)
  .use("/metrics/*", pageOrData)
  .use("/alerts/*", pageOrData)
  .use("/insights/*", pageOrData)
  .use("/analytics/*", pageOrData);

/** A browser says itself that it goes somewhere; an old one can be told by what it likes to be answered with. */
function wantsPage({ method, headers }: Request): boolean {
  if ((method !== "GET" && method !== "HEAD") || headers.has("authorization")) return false;
  const mode = headers.get("sec-fetch-mode");
  return mode === null ? (headers.get("accept") ?? "").includes("text/html") : mode === "navigate";
}
