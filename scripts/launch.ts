import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { newSecret, newToken } from "../worker/auth/secret.ts";
import { build, QUIET_WRANGLER } from "./build.ts";
import { LOCAL_INTERVAL_MS, startAgent } from "./local/agent.ts";
import { startCron } from "./local/cron.ts";
import { requireDisk } from "./local/disk.ts";
import { keptEncryptionKeys } from "./local/encryption-keys.ts";
import { takeLock } from "./local/lock.ts";
import { migrate } from "./local/migrate.ts";
import { HELP, readOptions, type LaunchOptions } from "./local/options.ts";
import { requireFreePort } from "./local/port.ts";
import { Refusal } from "./local/refusal.ts";
import { keptSecret } from "./local/secret-file.ts";
import { knowAgentToken, makeSignInLink } from "./local/sign-in.ts";
import { silenceOtherHandlers, whenToldToStop } from "./local/stopping.ts";
import { whenWorkerdStarts } from "./local/workerd.ts";

const ROOT = join(import.meta.dirname, "..");
type Stop = () => void | Promise<void>;

/** Nobody who says stop wants to wait. */
const FLUSH_LIMIT_MS = 3_000;

/** Undone from the last to the first, each even where another failed. */
const stops: Stop[] = [];
let isStopping = false;

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const undo of stops.reverse()) {
    try {
      await undo();
    } catch (error) {
      console.error(`Stopping: ${(error as Error).message}`);
    }
  }
  process.exit(code);
}

async function launch(options: LaunchOptions): Promise<void> {
  Object.assign(process.env, QUIET_WRANGLER);
  const { isDemo, port, stateDir } = options;
  const origin = `http://localhost:${port}`;
  await requireDisk(stateDir);
  const lock = await takeLock(stateDir);
  stops.push(lock.release);
  whenWorkerdStarts(lock.workerdStarted);
  const { HOST, startEdge } = await import("./local/edge.ts");
  await requireFreePort(HOST, port, isDemo ? "npm run demo" : "npm start");
  await build();
  if (isStopping) return;

  await mkdir(join(stateDir, "data"), { recursive: true });
  const sessionSecret = await keptSecret(join(stateDir, "session-secret"), newSecret);
  const encryptionKeys = await keptEncryptionKeys(stateDir);
  const mode = isDemo ? "demo" : "live";
  const demo = isDemo ? await import("./demo/run.ts") : undefined;
  const world = await demo?.startWorld(stateDir);
  if (world) stops.push(world.stop);
  const controlUrls = world?.shop.controlUrl;
  const edge = await startEdge({
    root: ROOT,
    port,
    stateDir,
    mode,
    sessionSecret,
    encryptionKeys,
    ...(controlUrls !== undefined && { controlUrls }),
  });
  stops.push(edge.stop);
  // Agents would send it again, but a stop that leaves nothing behind is the better one.
  stops.push(() => within(FLUSH_LIMIT_MS, edge.flush()));
  silenceOtherHandlers();
  await migrate(edge.db, join(ROOT, "drizzle"));
  if (isStopping) return;
  if (demo && world) {
    stops.push(await demo.startDemo({ edge, origin, stateDir, encryptionKeys }, world));
    // What is seen from outside is to be there with the first look, not two minutes later.
    edge.tick(Date.now()).catch((error: unknown) => {
      if (!isStopping) console.error(`demo  │ the first tick failed: ${String(error)}`);
    });
  }
  stops.push(startCron(edge.tick));
  const link = await makeSignInLink(edge.db, origin);
  if (options.hasAgent) {
    const token = await keptSecret(join(stateDir, "agent-token"), () => newToken("agent"));
    await knowAgentToken(edge.db, token, "this machine");
    stops.push(startAgent({ root: ROOT, stateDir, origin, token, agentRoot: options.agentRoot }));
  }
  console.log(welcome(options, link));
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, setTimeout(limitMs, undefined, { ref: false })]);
}

function welcome({ isDemo, hasAgent }: LaunchOptions, link: string): string {
  const watched = isDemo
    ? "24 simulated servers with an agent and 80 without, at four simulated clouds, with weeks of history."
    : hasAgent
      ? `This machine reports every ${LOCAL_INTERVAL_MS / 1000} s (an installed agent: every 30 s).`
      : "No agent runs here; make a token in the dashboard for one.";
  return `
  Nephos is running. ${watched}

  Dashboard   ${link}
              signs you in once, within 15 minutes; start again for a new link

  Stop        Ctrl-C
`;
}

whenToldToStop((code) => void stop(code));
try {
  const options = readOptions(process.argv.slice(2), process.env, ROOT);
  if (options === "help") process.stdout.write(HELP);
  else await launch(options);
} catch (error) {
  if (!isStopping) {
    const { message } = error as Error;
    console.error(
      error instanceof Refusal ? `\n${message}\n${error.remedy}\n` : `\nNephos could not start: ${message}\n`,
    );
    await stop(1);
  }
}
