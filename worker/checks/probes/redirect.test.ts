import { describe, expect, it } from "vitest";
import { redirected } from "./redirect.ts";

const HOME = "https://a.example/login";

function from(method: string, status: number, location: string | null, body: string | null = null) {
  const headers = new Headers({ "user-agent": "Nephos", authorization: "Bearer a" });
  const request = { url: new URL(HOME), method, headers, body };
  const next = redirected(request, { status, headers: new Headers(location === null ? {} : { location }) });
  if (next === undefined || typeof next === "string") return next;
  return { url: next.url.href, method: next.method, body: next.body, isKnown: next.headers.has("authorization") };
}

describe("a redirect", () => {
  it.each([
    ["GET", 301, "GET"],
    ["POST", 301, "GET"],
    ["POST", 302, "GET"],
    ["PUT", 302, "PUT"],
    ["POST", 303, "GET"],
    ["HEAD", 303, "HEAD"],
    ["DELETE", 303, "GET"],
    ["POST", 307, "POST"],
    ["PUT", 308, "PUT"],
  ])("of %s by %d goes on as %s", (method, status, as) => {
    const body = method === "GET" || method === "HEAD" ? null : "b";
    expect(from(method, status, "/next", body)).toEqual({
      url: "https://a.example/next",
      method: as,
      body: as === method ? body : null,
      isKnown: true,
    });
  });

  it.each(["https://b.example/", "http://a.example/", "https://a.example:8443/", "//b.example"])(
    "to %s takes no header of the check along",
    (location) => {
      expect(from("GET", 302, location)).toMatchObject({ isKnown: false });
      expect(from("POST", 308, location, "b")).toBe("carries a body elsewhere");
      expect(from("POST", 302, location, "b")).toMatchObject({ method: "GET", body: null, isKnown: false });
    },
  );

  it("is none without a place to go, or with another status", () => {
    expect(from("GET", 302, null)).toBeUndefined();
    expect(from("GET", 302, "http://[")).toBeUndefined();
    for (const status of [200, 300, 304, 404]) expect(from("GET", status, "/next")).toBeUndefined();
  });
});
