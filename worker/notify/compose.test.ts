import { describe, expect, it } from "vitest";
import { channelRow, messageAbout, ORIGIN, T0 } from "../testing/outbox.ts";
import type { NotificationKind } from "../../contract/notifications.ts";
import { compose, testMessage } from "./compose.ts";
import { waiting } from "./outbox.ts";
import type { NotificationMessage, NotificationRow } from "./table.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

function row(kind: NotificationKind, title: string, more: Partial<NotificationMessage> = {}): NotificationRow {
  const isAlone = kind !== "digest" && kind !== "trouble";
  return {
    ...waiting("a", messageAbout(title, { openedAt: T0 - 12 * MINUTE, ...more }), T0),
    id: "web-1.1.a",
    incidentId: isAlone ? "inc/1" : null,
    kind,
  };
}
const composed = (kind: NotificationKind, title: string, more?: Partial<NotificationMessage>) =>
  compose(row(kind, title, more), ORIGIN, T0);

describe("the subject of a notification", () => {
  it.each<[string, NotificationKind, string, Partial<NotificationMessage>]>([
    ["[Critical] web-1 is down since 11:48 UTC", "firing", "web-1 is down", {}],
    ["[Warning] web-1 is degraded since 11:48 UTC", "firing", "web-1 is degraded", { severity: "warning" }],
    ["[Critical] CPU busy: web-1, since 11:48 UTC", "firing", "CPU busy: web-1", { ruleKind: "metric" }],
    [
      "[Warning] web-1 has rebooted at 11:48 UTC",
      "firing",
      "web-1 has rebooted",
      { ruleKind: "reboot", severity: "warning" },
    ],
    ["[Now critical] web-1 is down since 11:48 UTC", "worsened", "web-1 is down", {}],
    ["[Critical again] web-1 is down since 12:00 UTC", "reopened", "web-1 is down", {}],
    ["[Still critical] web-1 is down since 30 May, 12:00 UTC", "reminder", "web-1 is down", { openedAt: T0 - 2 * DAY }],
    [
      "[Critical] 14 instances in vultr ewr are down since 11:48 UTC",
      "members",
      "14 instances in vultr ewr are down",
      {},
    ],
    ["[Resolved] web-1 was down for 12 min", "resolved", "web-1 is down", {}],
    [
      "[Resolved] The agent of web-1 was silent for 12 min",
      "resolved",
      "The agent of web-1 is silent",
      { ruleKind: "silence" },
    ],
    ["[Resolved] 14 instances were down for 12 min", "resolved", "14 instances are down", {}],
    ["[Resolved] CPU busy: web-1, over after 12 min", "resolved", "CPU busy: web-1", { ruleKind: "metric" }],
    ["[Channel] The channel Ops does not work since 11:48 UTC", "trouble", "The channel Ops does not work", {}],
    ["[Critical] 12 incidents since 11:48 UTC", "digest", "12 incidents", {}],
    ["[Critical] web-gpj.exe is down since 11:48 UTC", "firing", "web-\u202Egpj.exe\u2069 is\u200F down", {}],
  ])("is %s", (subject, kind, title, more) => {
    expect(composed(kind, title, more).subject).toBe(subject);
  });

  it.each(["web-1 ".repeat(100), "ü".repeat(400), "🌩️".repeat(200)])(
    "is one line of at most 150 characters",
    (name) => {
      for (const kind of ["firing", "resolved", "reminder", "digest", "trouble"] as const) {
        const { subject } = composed(kind, `${name}\r\nBcc: a@example.com is down`);
        expect(subject.length).toBeLessThanOrEqual(150);
        expect(subject).not.toMatch(/[\r\n]/);
        expect(subject).toMatch(/UTC$|min$/);
        expect(subject.isWellFormed()).toBe(true);
      }
      expect(testMessage("t", name, ORIGIN, T0).subject.length).toBeLessThanOrEqual(150);
    },
  );
});

describe("a notification", () => {
  it("says what is wrong, since when, by which rule, and what to look at", () => {
    const {
      text,
      html: _html,
      ...message
    } = composed("firing", "CPU busy: web-1", {
      ruleKind: "metric",
      metric: "cpu_busy_ratio",
      ruleName: "CPU busy",
      reason: "CPU busy 93 % (critical above 90 %)",
    });
    expect(message).toEqual({
      id: "web-1.1.a",
      kind: "firing",
      severity: "critical",
      isResolved: false,
      incidentId: "inc/1",
      at: T0,
      subject: "[Critical] CPU busy: web-1, since 11:48 UTC",
      summary: "CPU busy: web-1. CPU busy 93 % (critical above 90 %).",
      facts: [
        ["Why", "CPU busy 93 % (critical above 90 %)"],
        ["Severity", "Critical"],
        ["Since", "1 Jun 2026, 11:48 UTC"],
        ["Rule", "CPU busy"],
      ],
      advice: "Which program uses the most: run `top` there.",
      url: "https://nephos.example.com/alerts/inc%2F1",
    });
    expect(text).toBe(
      [
        "CPU busy: web-1. CPU busy 93 % (critical above 90 %).",
        "",
        "Why: CPU busy 93 % (critical above 90 %)",
        "Severity: Critical",
        "Since: 1 Jun 2026, 11:48 UTC",
        "Rule: CPU busy",
        "",
        "What to look at: Which program uses the most: run `top` there.",
        "",
        "Open the incident: https://nephos.example.com/alerts/inc%2F1",
      ].join("\n"),
    );
  });

  it("says how long it lasted when it is over, and gives no advice", () => {
    const message = composed("resolved", "web-1 is down", { reason: "up again" });
    expect(message).toMatchObject({
      isResolved: true,
      advice: null,
      summary: "web-1 was down for 12 min. Up again.",
      facts: [
        ["Now", "Up again"],
        ["Lasted", "12 min"],
        ["From", "1 Jun 2026, 11:48 UTC"],
        ["Until", "1 Jun 2026, 12:00 UTC"],
        ["Rule", "Instance down"],
      ],
    });
  });

  it("says for how long nobody has acknowledged it", () => {
    expect(composed("reminder", "web-1 is down").summary).toBe(
      "web-1 is down. Nobody has acknowledged it for 12 min. No region could reach it.",
    );
  });

  it("names who is affected, and counts the rest", () => {
    const names = Array.from({ length: 50 }, (_, index) => `web-${index}`);
    const { facts } = composed("members", "80 instances are down", { members: 80, names });
    const [label, value] = facts.at(-1)!;
    expect(label).toBe("Affected (80)");
    expect(value).toMatch(/^web-0, web-1, .*, web-19 and 60 more$/);
  });

  it("lists what a digest stands for, the worst first, and leads to all of them", () => {
    const incidents = Array.from({ length: 100 }, (_, index) => ({
      id: `i${index}`,
      title: `web-${index} is down`,
      severity: index === 50 ? ("critical" as const) : ("warning" as const),
      isResolved: index === 0,
    }));
    const { facts, url, isResolved } = composed("digest", "99 incidents, and 1 resolved", { incidents });
    expect(facts[0]).toEqual(["Critical", "web-50 is down"]);
    expect(facts.at(-1)).toEqual(["More", "70 that are not listed here"]);
    expect(facts).toHaveLength(31);
    expect(url).toBe("https://nephos.example.com/alerts");
    expect(isResolved).toBe(false);
  });

  it("of a digest in which all is over is one that is over", () => {
    const incidents = [{ id: "i", title: "web-1 is down", severity: "critical" as const, isResolved: true }];
    const message = composed("digest", "1 incident resolved", { incidents });
    expect(message).toMatchObject({ isResolved: true, advice: null, facts: [["Resolved", "web-1 was down"]] });
  });

  it("of a channel's trouble leads to the channels", () => {
    const message = composed("trouble", "The channel Ops does not work", { reason: "status 410", ruleKind: "" });
    expect(message).toMatchObject({
      incidentId: null,
      url: "https://nephos.example.com/alerts/channels",
      facts: [
        ["Why", "status 410"],
        ["Since", "1 Jun 2026, 11:48 UTC"],
      ],
    });
  });

  it("as a test says that the channel works", () => {
    const message = testMessage("test.1", channelRow("a").name, ORIGIN, T0);
    expect(message).toMatchObject({
      kind: "test",
      subject: "[Test] Channel a works",
      incidentId: null,
      isResolved: false,
    });
  });
});

describe("a notification as HTML", () => {
  const odd = `<img src=x onerror=alert(1)> & "quotes" 'single' is down`;
  const { html } = composed("firing", odd, { reason: odd, ruleName: odd, names: [odd, odd], members: 2 });

  it("shows every sign as it is written", () => {
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot; &#39;single&#39;");
  });

  it("loads nothing from anywhere, and runs nothing", () => {
    expect(html).not.toMatch(/<(img|script|link|iframe|form|object)\b|url\(|@import| on\w+="/i);
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to]) => to)).toEqual([
      "https://nephos.example.com/alerts/inc%2F1",
    ]);
  });

  it("is for light and dark, and closes what it opens", () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain("prefers-color-scheme:dark");
    const tags = [...html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)].filter(([, , name]) => name !== "meta");
    const open: string[] = [];
    for (const [, closes, name] of tags) {
      if (closes === "") open.push(name!);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});
