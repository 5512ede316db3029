import type { EpochMs } from "../contract/units.ts";
import { AlertEdge, sendAll } from "./alerts-edge.ts";

const INSTANCES = 1_000;
const RULES = 20;
/** Machines that fall in one place are one incident: here there are several. */
const PLACES = 8;
const HOT_WITHIN_MS = 10_000;
const CHANNEL = "everything";
/** Silent by the first of these, and still so by the second. */
const SILENT_AFTER_MS = [4 * 60_000, 6 * 60_000] as const;
const TICK_APART_MS = 30_000;
const TICKS_MAX = 60;

/** What one channel gets when all of a thousand instances fall at once, until nothing waits any more: the larger of both ways to fall. */
export async function stormMessages(): Promise<{ stormMessagesPerChannel: number }> {
  const silent = await storm("all are silent", async (edge) => {
    await sendAll(edge, edge.agents, 0, (_, index) => ({ region: `place-${index % PLACES}` }));
    const fellAt = Date.now();
    for (const after of SILENT_AFTER_MS) await edge.tick(fellAt + after);
    return fellAt + SILENT_AFTER_MS.at(-1)!;
  });
  const hot = await storm("all are hot", async (edge) => {
    await sendAll(edge, edge.agents, 0, () => ({}));
    await sendAll(edge, edge.agents, HOT_WITHIN_MS, () => ({ hot: 0.99 }));
    return Date.now();
  });
  return { stormMessagesPerChannel: Math.max(silent, hot) };
}

/** `fall` answers when the last of them fell. */
async function storm(name: string, fall: (edge: AlertEdge) => Promise<EpochMs>): Promise<number> {
  const edge = await AlertEdge.start(INSTANCES);
  try {
    await edge.makeRules(RULES);
    await edge.makeChannel(CHANNEL, []);
    const fellAt = await fall(edge);
    const began = Date.now();
    let at = fellAt;
    // What is decided behind the last answers is in the database when a tick has been.
    do await edge.tick((at += TICK_APART_MS));
    while ((await edge.count(WAITING)) > 0 && at < fellAt + TICKS_MAX * TICK_APART_MS);
    const kinds = edge.receiver.of(CHANNEL).map(({ kind }) => kind);
    const members = await edge.count("SELECT count(DISTINCT subject) AS n FROM incident_member");
    const incidents = await edge.count("SELECT count(*) AS n FROM incident");
    const events = await edge.count("SELECT count(*) AS n FROM incident_event");
    console.error(
      `storm            ${name}: ${kinds.length} messages to one channel (${kinds.join(", ")}); ${members} instances in ` +
        `${incidents} incidents; ${await edge.incidentWrites()} transactions for ${events} changes; told for ` +
        `${((at - fellAt) / 1_000).toFixed(0)} s of its own time, ${((Date.now() - began) / 1_000).toFixed(1)} s here`,
    );
    const waiting = await edge.count(WAITING);
    if (waiting > 0) throw new Error(`${waiting} notifications still wait after half an hour.`);
    if (members < INSTANCES) throw new Error(`${INSTANCES - members} of ${INSTANCES} instances are in no incident.`);
    return kinds.length;
  } finally {
    await edge.stop();
  }
}

const WAITING = "SELECT count(*) AS n FROM notification WHERE state = 'waiting'";
