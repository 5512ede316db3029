import { describe, expect, it } from "vitest";
import { channelRow, messageAbout, T0 } from "../testing/outbox.ts";
import { troubleRows } from "./outbox.ts";
import type { ChannelRow } from "./table.ts";
import { togetherOf, TROUBLE_AGAIN_MS, TROUBLE_GATHER_MS } from "./trouble.ts";

const HOUR = 3_600_000;
const problem = { message: "gone", since: T0 };
const LIMITED = { tags: ["prod"], providers: [], regions: [], subjects: [] };
const NIGHT: ChannelRow["quietHours"] = {
  kind: "weekly",
  days: [1, 2, 3, 4, 5, 6, 7],
  from: "11:00",
  to: "13:00",
  timeZone: "UTC",
  letsCriticalThrough: true,
};

describe("a channel's trouble", () => {
  const rowsTo = (
    others: ChannelRow[],
    severity: "warning" | "critical" = "warning",
    lastToldAt: number | null = null,
  ) => troubleRows(channelRow("a"), problem, severity, others, T0, lastToldAt);

  it("is told to all others that are on and have none, once for the same trouble", () => {
    const rows = rowsTo([
      channelRow("a"),
      channelRow("b"),
      channelRow("off", { isEnabled: false }),
      channelRow("bad", { problem }),
      channelRow("night", { quietHours: NIGHT }),
    ]);
    expect(rows.map(({ id, nextAt }) => [id, nextAt - T0])).toEqual([
      [`trouble.a.${T0}.b`, TROUBLE_GATHER_MS],
      [`trouble.a.${T0}.night`, HOUR],
    ]);
    expect(rows[0]!.message).toMatchObject(
      messageAbout("The channel Channel a does not work", {
        severity: "warning",
        reason: "gone",
        ruleName: "",
        ruleKind: "",
        members: 1,
        names: ["Channel a"],
        channelIds: ["a"],
      }),
    );
  });

  it.each<[string, ChannelRow[], "warning" | "critical", string[]]>([
    [
      "those that hear of everything",
      [channelRow("b"), channelRow("some", { scope: LIMITED }), channelRow("grave", { minSeverity: "critical" })],
      "warning",
      ["b"],
    ],
    [
      "those for grave ones too where it is grave",
      [channelRow("grave", { minSeverity: "critical" })],
      "critical",
      ["grave"],
    ],
    [
      "those about others where nobody else wants it as mild",
      [channelRow("some", { scope: LIMITED }), channelRow("grave", { minSeverity: "critical" })],
      "warning",
      ["some"],
    ],
    ["any where there is nobody else", [channelRow("grave", { minSeverity: "critical" })], "warning", ["grave"]],
  ])("is told to %s", (_who, others, severity, ids) => {
    expect(rowsTo(others, severity).map(({ channelId }) => channelId)).toEqual(ids);
  });

  it("is not told again within an hour of the last time", () => {
    expect(rowsTo([channelRow("b")], "warning", T0 - 1_000).map(({ nextAt }) => nextAt)).toEqual([
      T0 - 1_000 + TROUBLE_AGAIN_MS,
    ]);
  });

  it("is one message for several, which names some of them and says what is wrong with each", () => {
    const of = (id: string) => troubleRows(channelRow(id), problem, "warning", [channelRow("z")], T0)[0]!;
    expect(togetherOf([of("a"), of("b")])).toMatchObject({
      title: "The channels Channel a and Channel b do not work",
      reason: "Channel a: gone Channel b: gone",
      members: 2,
      channelIds: ["a", "b"],
    });
    expect(togetherOf(["a", "b", "c", "d", "e"].map(of)).title).toBe(
      "The channels Channel a, Channel b, Channel c and 2 more do not work",
    );
  });
});
