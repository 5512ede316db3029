// Read by whatever Node is there (14 and newer): no newer syntax, and nothing from node_modules.
import { spawn } from "child_process";
import { constants } from "os";
import { dirname, join } from "path";
import { fileURLToPath } from "url";
import { ensureInstalled, Refused } from "./install.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** What the other npm scripts run once everything is installed. */
const SCRIPTS = { "--deploy": "deploy.ts", "--rotate": "rotate.ts", "--test": "test-all.ts" };

async function main() {
  const args = process.argv.slice(2);
  const purpose = Object.keys(SCRIPTS).find((flag) => args.includes(flag));
  const node = await ensureInstalled();
  const script = join(HERE, purpose ? SCRIPTS[purpose] : "launch.ts");
  const child = spawn(node, [script].concat(args.filter((arg) => arg !== purpose)), {
    stdio: "inherit",
    env: Object.assign({}, process.env, { NEPHOS_STARTED_BY: String(process.pid) }),
  });
  child.on("error", fail);
  // Ctrl-C reaches the child by itself too; it takes the second for the first.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // npm killed outright leaves its script behind, which must not keep the port.
  const npm = process.env.npm_lifecycle_event ? process.ppid : 0;
  if (npm) {
    setInterval(() => {
      if (process.ppid !== npm) child.kill("SIGHUP");
    }, 1000).unref();
  }
  child.on("exit", (code, signal) => {
    process.exit(code === null ? 128 + (constants.signals[signal] || 1) : code);
  });
}

function fail(error) {
  const remedy = error instanceof Refused ? error.remedy : "";
  console.error("\n" + error.message + (remedy ? "\n" + remedy : "") + "\n");
  process.exit(1);
}

main().catch(fail);
