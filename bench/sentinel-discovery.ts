import type { LiveMessage } from "../contract/live.ts";
import type { DiscoveryReport } from "../contract/providers.ts";
import { TICK_EVERY_MS } from "../worker/settings.ts";
import { Vultr } from "../tests/outside/vultr.ts";
import { seedSettings } from "./checks.ts";
import { median, round } from "./figures.ts";
import { migrate, query, signIn } from "./seed.ts";
import { tickAt, type TickTaken } from "./sentinel-tick.ts";
import { Viewer } from "./viewer.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const INSTANCES = 1_500;
const RUNS = 5;
/** In them a shard that has just begun looks through its history, 24 subjects a tick. */
const WARM_UP_TICKS = 70;
/** Traffic is asked for in all of these: 15 instances a tick, each four times a day. */
const QUIET_TICKS = 20;
/** Days of so many instances are stored over so many ticks. */
const MIDNIGHT_TICKS = 12;
const TOLD_WITHIN_MS = 30_000;
const DAY_MS = 86_400_000;

/** A key is sent, and everything it opens is on the screen of who looks; then ticks in which nothing is new. */
export async function discoverThousands(): Promise<Record<string, number>> {
  const times: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const workerd = await startWorkerd({ appEntry: "sentinel.worker.mjs" });
    const cloud = await Vultr.start(INSTANCES, run);
    try {
      times.push(await discover(workerd, cloud));
      if (run < RUNS) continue;
      console.error(
        `discovery        ${INSTANCES} instances, from the key to the last of them with a viewer, ms: ` +
          times.map((ms) => ms.toFixed(0)).join(", "),
      );
      return { discover1500Ms: round(median(times), 0), ...(await quietTicks(workerd)) };
    } finally {
      await workerd.stop();
      await cloud.stop();
    }
  }
  throw new Error("No run.");
}

/** A Nephos that has just been started, and its first account. */
async function discover({ url }: Workerd, cloud: Vultr): Promise<number> {
  await migrate(url.d1);
  await seedSettings(url.d1);
  const cookie = await signIn(url.d1, url.app);
  const seen = new Set<string>();
  const told = Promise.withResolvers<void>();
  const viewer = await Viewer.looking(url.app, cookie, (text) => {
    const message = JSON.parse(text) as LiveMessage;
    if (message.type === "instances") for (const { id } of message.instances) seen.add(id);
    if (seen.size === INSTANCES) told.resolve();
  });
  const late = setTimeout(() => told.reject(new Error(`The viewer was told of ${seen.size} only.`)), TOLD_WITHIN_MS);
  const began = performance.now();
  const [report] = await Promise.all([sendKey(url.app, cookie, cloud), told.promise]);
  const tookMs = performance.now() - began;
  clearTimeout(late);
  viewer.close();
  const isWhole = report.found === INSTANCES && report.added === INSTANCES && !report.isPartial;
  if (!isWhole || cloud.complaints.length > 0)
    throw new Error(`Not what was asked for: ${JSON.stringify(report)}; ${cloud.complaints.join("; ")}`);
  return tookMs;
}

async function sendKey(app: string, cookie: string, cloud: Vultr): Promise<DiscoveryReport> {
  const response = await fetch(`${app}/api/provider-accounts`, {
    method: "POST",
    headers: { cookie, origin: app, "content-type": "application/json" },
    body: JSON.stringify({ name: "The bench", credentials: cloud.credentials, endpoint: cloud.url }),
  });
  if (!response.ok) throw new Error(`The key was refused: ${response.status} ${await response.text()}`);
  return (await response.json()) as DiscoveryReport;
}

async function quietTicks(workerd: Workerd): Promise<{ quietTickRows: number; quietTickCpuMs: number }> {
  let at = Date.now();
  const ticks = async (count: number): Promise<TickTaken[]> => {
    const taken: TickTaken[] = [];
    for (let tick = 0; tick < count; tick++) taken.push(await tickAt(workerd, (at += TICK_EVERY_MS)));
    return taken;
  };
  // Not over midnight, whose ticks are told apart.
  if (DAY_MS - (at % DAY_MS) < (WARM_UP_TICKS + QUIET_TICKS + 1) * TICK_EVERY_MS) at += DAY_MS / 2;
  const first = await ticks(WARM_UP_TICKS);
  const quiet = await ticks(QUIET_TICKS);
  say("the first ticks", first);
  say("a quiet tick", quiet);
  const said = quiet.at(-1)!.steps.flatMap(({ name, says }) => (says ? [`${name}: ${says}`] : []));
  console.error(`  it says        ${said.join("; ")}`);
  const isQuiet = said.some((words) => words.includes(`${INSTANCES} instances: 0 new, 0 changed, 0 gone`));
  const sql = "SELECT count(*) AS judged FROM instance WHERE judgement IS NOT NULL";
  const [instances] = await query<{ judged: number }>(workerd.url.d1, [{ sql }]);
  if (!isQuiet || instances?.judged !== INSTANCES)
    throw new Error(`The tick did not find all instances as they were; ${instances?.judged} have a verdict.`);
  at = Math.ceil(at / DAY_MS) * DAY_MS - TICK_EVERY_MS;
  say("after midnight", await ticks(MIDNIGHT_TICKS));
  return {
    quietTickRows: Math.max(...quiet.map(({ rowsWritten }) => rowsWritten)),
    quietTickCpuMs: round(median(quiet.map(({ cpuMs }) => cpuMs)), 0),
  };
}

function say(what: string, ticks: readonly TickTaken[]): void {
  const figures = (of: (tick: TickTaken) => number) => {
    const all = ticks.map(of);
    return `${median(all).toFixed(0)} (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)})`;
  };
  console.error(
    `${what.padEnd(16)} ${ticks.length} of ${INSTANCES} instances: rows written ${figures((one) => one.rowsWritten)}, ` +
      `read ${figures((one) => one.rowsRead)}, puts into its own storage ${figures((one) => one.puts)}, ` +
      `processor time ${figures((one) => one.cpuMs)} ms, time ${figures((one) => one.tookMs)} ms`,
  );
}
