import { availableParallelism, cpus, loadavg } from "node:os";
import { agent } from "./agent.ts";
import { alerts } from "./alerts.ts";
import { anomaly } from "./anomaly.ts";
import { auth } from "./auth.ts";
import { blocks } from "./blocks.ts";
import { cost } from "./cost.ts";
import { forecast } from "./forecast.ts";
import { fanout } from "./fanout.ts";
import { ingest } from "./ingest.ts";
import { insights } from "./insights.ts";
import { query } from "./query.ts";
import { sentinel } from "./sentinel.ts";
import { socket } from "./socket.ts";
import { storm } from "./storm.ts";

/** `npm run -s bench -- NAME`: what it saw goes to stderr, and one line of JSON ends stdout. */
const BENCHES: Record<string, () => Promise<Record<string, number>>> = {
  blocks,
  cost,
  query,
  socket,
  ingest,
  fanout,
  agent,
  auth,
  storm,
  sentinel,
  alerts,
  anomaly,
  forecast,
  insights,
};

const name = process.argv[2] ?? "";
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!bench) {
  console.error(`Usage: npm run -s bench -- ${Object.keys(BENCHES).join(" | ")}`);
  process.exit(2);
}
console.error(
  `${name}: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(2)}`,
);
try {
  console.log(JSON.stringify({ bench: name, ...(await bench()) }));
} catch (error) {
  console.error(`${name}: ${(error as Error).message}`);
  process.exitCode = 1;
}
// Sockets of viewers may still be closing; the figures are out.
process.exit();
