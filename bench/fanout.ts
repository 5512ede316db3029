import { Connection } from "./connection.ts";
import { BenchAgent } from "./envelope.ts";
import { median, quantile, round } from "./figures.ts";
import { migrate, seedInstances, seedTokens, signIn, type SeededInstance } from "./seed.ts";
import { Viewer } from "./viewer.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const SAMPLES = 200;
/** Between two samples of the latency runs: long enough for 500 viewers to have theirs. */
const PAUSE_MS = 50;
const FLOOD_MS = 5_000;
const OPEN_AT_ONCE = 25;
/** A token is good for 600 requests a minute: a flood takes the next one in time. */
const SENDS_PER_TOKEN = 500;
const TOKENS = 20;
const DRAIN_MS = 1_000;

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** From just before a sample's POST is written to its message at every viewer, all on one clock in one process. */
export async function fanout(): Promise<Record<string, number>> {
  const workerd = await startWorkerd();
  try {
    await migrate(workerd.url.d1);
    const instances = await seedInstances(workerd.url.d1, 3);
    const cookie = await signIn(workerd.url.d1, workerd.url.app);
    const one = await measure(workerd, cookie, instances[0]!, 1);
    const fifty = await measure(workerd, cookie, instances[1]!, 50);
    const many = await measure(workerd, cookie, instances[2]!, 500, FLOOD_MS);
    return {
      p50Ms1: one.p50,
      p95Ms1: one.p95,
      p50Ms50: fifty.p50,
      p95Ms50: fifty.p95,
      p50Ms500: many.p50,
      p95Ms500: many.p95,
      framesPerSecond: many.perSecond,
      lost: one.lost + fifty.lost + many.lost,
    };
  } finally {
    await workerd.stop();
  }
}

async function measure(
  workerd: Workerd,
  cookie: string,
  instance: SeededInstance,
  viewerCount: number,
  floodMs?: number,
) {
  const app = workerd.url.app;
  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  let arrived = 0;
  let lastArrival = 0;
  const viewers: Viewer[] = [];
  const onSample = (at: number) => {
    arrived++;
    lastArrival = performance.now();
    const sent = sentAt.get(at);
    if (sent !== undefined) latencies.push(lastArrival - sent);
  };
  const agent = new BenchAgent(instance);
  const connection = new Connection(app);
  const tokens = await seedTokens(workerd.url.d1, Array<string>(TOKENS).fill(instance.id));
  let sends = 0;
  const send = async () => {
    const envelope = agent.envelope(1);
    const body = JSON.stringify(envelope);
    sentAt.set(envelope.samples[0]!.at, performance.now());
    const status = await connection.post("/ingest", tokens[Math.floor(sends++ / SENDS_PER_TOKEN)]!, body);
    if (status !== 200) throw new Error(`A sample was refused: ${status} ${connection.lastBody}`);
  };
  await send(); // The instance exists before it is watched.
  while (viewers.length < viewerCount) {
    const batch = Math.min(OPEN_AT_ONCE, viewerCount - viewers.length);
    viewers.push(
      ...(await Promise.all(Array.from({ length: batch }, () => Viewer.open(app, cookie, instance.id, onSample)))),
    );
  }
  await pause(DRAIN_MS);
  for (let i = 0; i < 10; i++) await send(); // Warm-up.
  await pause(DRAIN_MS);

  latencies.length = 0;
  for (let i = 0; i < SAMPLES; i++) {
    await send();
    await pause(PAUSE_MS);
  }
  await pause(DRAIN_MS);
  const measured = [...latencies];

  let perSecond = 0;
  if (floodMs) {
    arrived = 0;
    const began = performance.now();
    while (performance.now() - began < floodMs) await send();
    await pause(DRAIN_MS);
    perSecond = Math.round((arrived / (lastArrival - began)) * 1_000);
  }
  const closed = viewers.filter((viewer) => viewer.closed).length;
  for (const viewer of viewers) viewer.close();
  connection.close();
  const lost = SAMPLES * viewerCount - measured.length;
  const p50 = round(median(measured), 1);
  const p95 = round(quantile(measured, 0.95), 1);
  console.error(
    `${String(viewerCount).padStart(4)} viewers  p50 ${p50} ms  p95 ${p95} ms  ${measured.length} messages, ${lost} lost` +
      (floodMs ? `  flood ${perSecond} messages/s, ${closed} viewers closed` : ""),
  );
  return { p50, p95, lost, perSecond };
}
