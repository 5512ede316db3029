import { describe, expect, it } from "vitest";
import { messageOf } from "./channels.cases.ts";
import { addressLine, mailOf } from "./mail.ts";

const FROM_TO = { from: "nephos@example.com", to: ["ops@example.com"] };
const headersOf = (given: Parameters<typeof messageOf>[0]) => mailOf(messageOf(given), FROM_TO).headers;

describe("a letter", () => {
  it("comes from Nephos, to all recipients, with the words as they were made", () => {
    const message = messageOf({ text: "plain", html: "<p>rich</p>" });
    const { from, to, subject, text, html } = mailOf(message, {
      from: FROM_TO.from,
      to: ["a@example.com", "b@example.com"],
    });
    expect(addressLine(from)).toBe("Nephos <nephos@example.com>");
    expect({ to, text, html }).toEqual({ to: ["a@example.com", "b@example.com"], text: "plain", html: "<p>rich</p>" });
    expect(subject).toBe(message.subject);
  });

  it("tells the programs of people on holiday not to answer", () => {
    expect(headersOf({})["Auto-Submitted"]).toBe("auto-generated");
  });

  it("says what it is about for rules that sort mail", () => {
    expect(headersOf({ id: "ntf_01:firing:0", severity: "warning" })).toMatchObject({
      "X-Nephos-Message": "ntf_01:firing:0",
      "X-Nephos-Severity": "warning",
      "X-Nephos-Incident": "inc_01",
    });
    expect(headersOf({ severity: "critical", isResolved: true })["X-Nephos-Severity"]).toBe("resolved");
  });

  it.each(["x\r\nBcc: thief@evil.example", "x\nBcc: thief@evil.example", "x\u0000\u0085y", "x\r\n\r\n<b>body</b>"])(
    "has no header that somebody wrote into a name: %j",
    (name) => {
      const { subject, headers } = mailOf(
        messageOf({ subject: `${name} is down`, id: name, incidentId: name }),
        FROM_TO,
      );
      for (const value of [subject, ...Object.values(headers)]) expect(value).not.toMatch(/\p{Cc}/u);
      expect(Object.keys(headers).filter((header) => /bcc/i.test(header))).toEqual([]);
    },
  );

  it("has headers of ASCII, whatever an id is made of", () => {
    for (const value of Object.values(headersOf({ id: "störung 1", incidentId: "störung 1 <x@y>" }))) {
      expect(value).toMatch(/^[ -~]+$/);
    }
  });
});

describe("the letters of an incident", () => {
  it("all answer the same one, so that they stay together", () => {
    const first = headersOf({ id: "a", kind: "firing", subject: "web-1 is down" });
    const last = headersOf({ id: "b", kind: "resolved", isResolved: true, subject: "web-1 is up again" });
    expect(first["In-Reply-To"]).toBe("<incident-inc_01@example.com>");
    for (const name of ["In-Reply-To", "References"]) expect(last[name]).toBe(first["In-Reply-To"]);
  });

  it("stay apart from those of another", () => {
    expect(headersOf({ incidentId: "inc_02" })["References"]).not.toBe(headersOf({})["References"]);
  });

  it("name a letter in the way RFC 5322 allows, whatever the incident is called", () => {
    const dotAtom = /^<[A-Za-z0-9_-]+@[a-z0-9.-]+>$/;
    for (const incidentId of ["check:1..2", ".", "a b", "<x>", "ä@b"]) {
      expect(headersOf({ incidentId })["References"]).toMatch(dotAtom);
    }
  });

  it("are not what a digest or a test belongs to", () => {
    expect(Object.keys(headersOf({ incidentId: null })).toSorted()).toEqual([
      "Auto-Submitted",
      "X-Nephos-Message",
      "X-Nephos-Severity",
    ]);
  });
});
