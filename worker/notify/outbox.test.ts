import { describe, expect, it } from "vitest";
import { channelRow, T0, told } from "../testing/outbox.ts";
import { digestOf, nextReminderAt, reminderRow, rowsFor, type Remindable, type Told } from "./outbox.ts";
import type { ChannelRow, NotificationRow } from "./table.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NIGHT: ChannelRow["quietHours"] = {
  kind: "weekly",
  days: [1, 2, 3, 4, 5, 6, 7],
  from: "11:00",
  to: "13:00",
  timeZone: "UTC",
  letsCriticalThrough: true,
};
const SCOPE = { tags: [], providers: [], regions: [], subjects: [] };

/** The rows of one thing that happened, for one channel. */
function rowsOf(one: Told, channel: Partial<ChannelRow>): NotificationRow[] {
  return rowsFor([one], [channelRow("a", channel)], T0);
}
const waitOf = (one: Told, channel: Partial<ChannelRow>) => rowsOf(one, channel).map(({ nextAt }) => nextAt - T0);

describe("what a channel is told", () => {
  const warning = told("web-1", 1, "firing", { severity: "warning" });
  const critical = told("web-1", 2, "worsened");
  const facts = [
    { subject: "web-1", instanceId: "web-1", tags: ["prod"], provider: "vultr", region: "ewr" },
    { subject: "web-2", instanceId: "web-2", tags: ["test"], provider: "aws", region: "us-east-1" },
  ] as const;
  const both = told("web-1", 1, "firing", { facts });

  it.each<[string, Told, Partial<ChannelRow>, number]>([
    ["everything where it names nobody", warning, {}, 1],
    ["nothing while it is off", warning, { isEnabled: false }, 0],
    ["no warning where it wants critical ones", warning, { minSeverity: "critical" }, 0],
    ["what is critical where it wants critical ones", critical, { minSeverity: "critical" }, 1],
    ["what any member is in its scope for", both, { scope: { ...SCOPE, tags: ["test"] } }, 1],
    ["nothing where no member is in its scope", both, { scope: { ...SCOPE, tags: ["stage"] } }, 0],
    [
      "nothing where no single member agrees with all of it",
      both,
      { scope: { ...SCOPE, tags: ["test"], regions: ["ewr"] } },
      0,
    ],
    ["that it is over", told("web-1", 3, "resolved"), {}, 1],
    [
      "that it is over though its scope is another by now",
      told("web-1", 3, "resolved"),
      { scope: { ...SCOPE, tags: ["stage"] } },
      1,
    ],
    ["what is acknowledged", { ...critical, isAcknowledged: true }, {}, 1],
    ["nothing of what is acknowledged as a next step", { ...critical, isAcknowledged: true }, { afterMs: HOUR }, 0],
    ["that it is over as a next step", { ...told("web-1", 3, "resolved"), isAcknowledged: true }, { afterMs: HOUR }, 1],
    ["what nobody is at any more as a next step", { ...critical, isForNextSteps: true }, { afterMs: HOUR }, 1],
    ["nothing of what nobody is at any more as the first step", { ...critical, isForNextSteps: true }, {}, 0],
    ["not that it is over where it does not want to", told("web-1", 3, "resolved"), { tellsResolved: false }, 0],
    [
      "that it is over however mild it was by then",
      told("web-1", 3, "resolved", { severity: "warning" }),
      { minSeverity: "critical" },
      1,
    ],
  ])("is %s", (_what, one, channel, count) => {
    expect(rowsOf(one, channel)).toHaveLength(count);
  });

  it.each<[string, Told, Partial<ChannelRow>, number]>([
    ["at once", critical, {}, 0],
    ["after its escalation", critical, { afterMs: 10 * MINUTE }, 10 * MINUTE],
    ["those that join a minute later", told("web-1", 4, "members"), {}, MINUTE],
    ["those that join never before the beginning", told("web-1", 4, "members"), { afterMs: HOUR }, HOUR],
    ["after its quiet hours", warning, { quietHours: NIGHT }, HOUR],
    ["at once in its quiet hours where it is critical", critical, { quietHours: NIGHT }, 0],
    ["after its quiet hours though critical", critical, { quietHours: { ...NIGHT, letsCriticalThrough: false } }, HOUR],
    [
      "after quiet hours that begin while it escalates",
      warning,
      { afterMs: 2 * MINUTE, quietHours: { ...NIGHT, from: "12:01" } },
      HOUR,
    ],
    [
      "after its escalation that ends behind the quiet hours",
      warning,
      { afterMs: 2 * HOUR, quietHours: NIGHT },
      2 * HOUR,
    ],
    ["that it is over without an escalation", told("web-1", 5, "resolved"), { afterMs: HOUR }, 0],
  ])("comes %s", (_when, one, channel, wait) => {
    expect(waitOf(one, channel)).toEqual([wait]);
  });

  it("has the same id for the same event and channel, and another for any other", () => {
    const channels = [channelRow("a"), channelRow("b")];
    const ids = rowsFor([warning, critical], channels, T0).map(({ id }) => id);
    expect(ids).toEqual(["web-1.1.a", "web-1.1.b", "web-1.2.a", "web-1.2.b"]);
    expect(rowsFor([warning, critical], channels, T0 + HOUR).map(({ id }) => id)).toEqual(ids);
  });
});

describe("a reminder", () => {
  const one: Remindable = { ...told("web-1", 3, "firing"), since: T0 };
  const channel = channelRow("a", { repeatMs: HOUR });

  it("is due once in every period, and the same one has the same id", () => {
    const idAt = (now: number) => reminderRow(one, channel, now)?.id;
    expect(idAt(T0 + HOUR - 1)).toBeUndefined();
    expect(idAt(T0 + HOUR)).toBe(`web-1.${T0}.reminder-1.a`);
    expect(idAt(T0 + 2 * HOUR - 1)).toBe(idAt(T0 + HOUR));
    expect(idAt(T0 + 2 * HOUR)).toBe(`web-1.${T0}.reminder-2.a`);
    expect(nextReminderAt(one, channel, T0)).toBe(T0 + HOUR);
    expect(nextReminderAt(one, channel, T0 + HOUR)).toBe(T0 + 2 * HOUR);
  });

  it("begins anew when the incident comes back", () => {
    const again = { ...one, since: T0 + 5 * HOUR };
    expect(reminderRow(again, channel, T0 + 5 * HOUR)).toBeNull();
    expect(reminderRow(again, channel, T0 + 6 * HOUR)!.id).not.toBe(reminderRow(one, channel, T0 + HOUR)!.id);
  });

  it("counts from when an escalation was told", () => {
    const later = { ...channel, afterMs: 30 * MINUTE };
    expect(reminderRow(one, later, T0 + HOUR)).toBeNull();
    expect(reminderRow(one, later, T0 + 90 * MINUTE)).not.toBeNull();
  });

  it.each<[string, Partial<ChannelRow>]>([
    ["wants none", { repeatMs: null }],
    ["is off", { isEnabled: false }],
    ["is about others", { scope: { ...SCOPE, subjects: ["db-1"] } }],
  ])("is none where the channel %s", (_what, more) => {
    const row = { ...channel, ...more };
    expect(reminderRow(one, row, T0 + 10 * HOUR)).toBeNull();
    expect(nextReminderAt(one, row, T0)).toBeNull();
  });
});

describe("a digest", () => {
  const channel = channelRow("a");
  const rowsOfAll = (all: Told[]) => rowsFor(all, [channel], T0);

  it("names each incident once, as it stood last, and is as bad as the worst that is open", () => {
    const digest = digestOf(
      rowsOfAll([
        told("web-1", 1, "firing"),
        told("web-2", 1, "firing", { severity: "warning" }),
        told("web-1", 2, "resolved"),
      ]),
    );
    expect(digest).toMatchObject({
      severity: "warning",
      title: "1 incident, and 1 resolved",
      ruleName: "Instance down",
    });
    expect(digest.incidents).toEqual([
      { id: "web-1", title: "web-1 is down", severity: "critical", isResolved: true },
      { id: "web-2", title: "web-2 is down", severity: "warning", isResolved: false },
    ]);
  });

  it("says when all of them are over", () => {
    expect(digestOf(rowsOfAll([told("web-1", 2, "resolved"), told("web-2", 2, "resolved")])).title).toBe(
      "2 incidents resolved",
    );
  });
});
