import { describe, expect, it } from "vitest";
import { parseEndpoint } from "./endpoint.ts";

describe("the endpoint", () => {
  it.each([
    ["https://nephos.example", "https://nephos.example/ingest"],
    ["https://nephos.example/", "https://nephos.example/ingest"],
    ["https://nephos.example/ingest", "https://nephos.example/ingest"],
    ["https://nephos.example/ingest/vultr/", "https://nephos.example/ingest"],
    ["https://nephos.example/behind/a/path/ingest", "https://nephos.example/behind/a/path/ingest"],
    ["http://localhost:8787", "http://localhost:8787/ingest"],
    ["http://127.0.0.1:8787/ingest", "http://127.0.0.1:8787/ingest"],
    ["http://[::1]:8787", "http://[::1]:8787/ingest"],
  ])("%s is posted to at %s, and enrols beside it", (text, ingestUrl) => {
    expect(parseEndpoint(text, false)).toEqual({
      ingestUrl,
      agentUrl: ingestUrl.replace(/ingest$/, "agent"),
      enrolUrl: ingestUrl.replace(/ingest$/, "enrol"),
    });
  });

  it("may bring the token along", () => {
    expect(parseEndpoint("https://nephos.example/ingest/vultr?token=nep_x", false)).toEqual({
      ingestUrl: "https://nephos.example/ingest",
      agentUrl: "https://nephos.example/agent",
      enrolUrl: "https://nephos.example/enrol",
      token: "nep_x",
    });
  });

  it.each([
    ["nephos.example", "is not an address"],
    ["ftp://nephos.example", "uses ftp://"],
    ["http://nephos.example", "in the clear"],
    ["http://127.0.0.1.evil.example", "in the clear"],
    ["http://localhost.evil.example", "in the clear"],
    ["https://me:pass@nephos.example", "user name or password"],
  ])("%s is refused", (text, complaint) => {
    expect(parseEndpoint(text, false)).toMatchObject({ complaint: expect.stringContaining(complaint) });
  });

  it("may be plain http where the operator says so", () => {
    expect(parseEndpoint("http://10.0.0.5", true)).toMatchObject({ ingestUrl: "http://10.0.0.5/ingest" });
  });
});
