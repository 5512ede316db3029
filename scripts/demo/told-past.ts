import type { EpochMs } from "../../contract/units.ts";
import type { Changes } from "../../worker/alerts/changes.ts";
import type { IncidentEventRow } from "../../worker/alerts/table.ts";
import { rowsFor, troubleRows } from "../../worker/notify/outbox.ts";
import type { ChannelRow, NotificationRow } from "../../worker/notify/table.ts";

/** A provider answers within so long. */
const SENDING_MS = 1_000;

/** What would have gone out of the past's incidents, and what became of each. What is not due when the demo begins waits. */
export function pastNotifications(
  { tales, events }: Pick<Changes, "tales" | "events">,
  channels: readonly ChannelRow[],
  bornAt: EpochMs,
): NotificationRow[] {
  const byIncident = Map.groupBy(events, ({ incidentId }) => incidentId);
  const rows: NotificationRow[] = [];
  const told = new Map<string, NotificationRow[]>();
  for (const tale of tales.toSorted((a, b) => a.message.at - b.message.at)) {
    for (const row of rowsFor([tale], channels, tale.message.at)) {
      const key = `${row.incidentId} ${row.channelId}`;
      const before = told.get(key) ?? [];
      // That it is over is told to nobody who was to hear nothing of it.
      if (row.kind === "resolved" && before.length === 0) continue;
      const channel = channels.find(({ id }) => id === row.channelId)!;
      const settled = settledOf(row, { before, events: byIncident.get(row.incidentId!)!, channel, bornAt });
      told.set(key, [...before, settled]);
      rows.push(settled);
    }
  }
  return [...rows, ...troublesOf(rows, channels)];
}

interface Known {
  /** What the same channel was to be told of the same incident before. */
  before: readonly NotificationRow[];
  events: readonly IncidentEventRow[];
  channel: ChannelRow;
  bornAt: EpochMs;
}

function settledOf(row: NotificationRow, { before, events, channel, bornAt }: Known): NotificationRow {
  const dropped = (answer: string): NotificationRow => ({ ...row, state: "dropped", answer });
  if (row.kind === "resolved") {
    if (before.at(-1)!.state !== "sent") {
      for (const one of before.filter(({ state }) => state === "parked")) {
        Object.assign(one, { state: "dropped", answer: `It is over now. It could not be told: ${one.answer}` });
      }
      return dropped("This channel was not told that it had begun.");
    }
  } else {
    const until = Math.min(row.nextAt, bornAt);
    const since = events.filter(({ at, number }) => number > row.eventNumber && at <= until);
    const ended = since.find(({ kind }) => kind === "acknowledged" || kind === "silenced" || kind === "resolved");
    if (ended?.kind === "resolved") return dropped("It was over before it was to be told.");
    if (ended) return dropped("It was acknowledged or silenced before it was to be told.");
  }
  if (row.nextAt > bornAt) return row;
  const { problem } = channel;
  if (problem && row.nextAt >= problem.since - SENDING_MS) {
    return { ...row, state: "parked", attempts: 1, answer: problem.message };
  }
  return sent(row, channel.kind);
}

function sent(row: NotificationRow, kind: ChannelRow["kind"]): NotificationRow {
  const answer = kind === "slack" ? "taken (ok)" : "taken (204)";
  return { ...row, state: "sent", attempts: 1, sentAt: row.nextAt + SENDING_MS, answer };
}

/** The other channels have heard that one does not work. */
function troublesOf(rows: readonly NotificationRow[], channels: readonly ChannelRow[]): NotificationRow[] {
  return channels.flatMap((channel) => {
    const first = rows.find(
      ({ channelId, attempts, state }) => channelId === channel.id && attempts > 0 && state !== "sent",
    );
    if (!channel.problem || !first) return [];
    const told = troubleRows(channel, channel.problem, first.message.severity, channels, channel.problem.since);
    return told.map((row) => sent(row, channels.find(({ id }) => id === row.channelId)!.kind));
  });
}
