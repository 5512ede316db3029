import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "./refusal.ts";

export interface LaunchOptions {
  isDemo: boolean;
  port: number;
  stateDir: string;
  hasAgent: boolean;
  agentRoot: string | undefined;
}

const PORT_DEFAULT = 8787;

export function readOptions(
  args: string[],
  env: Record<string, string | undefined>,
  root: string,
): LaunchOptions | "help" {
  const { values } = parse(args);
  if (values.help) return "help";
  const portText = values.port ?? (env["PORT"] || String(PORT_DEFAULT));
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port < 1 || port > 65_535) {
    throw new Refusal(`"${portText}" is not a port.`, "Use a number from 1 to 65535, as in: npm start -- --port 8788");
  }
  const isDemo = values.demo === true;
  return {
    isDemo,
    port,
    stateDir: values.state ? resolve(values.state) : join(root, ".nephos", isDemo ? "demo" : "local"),
    hasAgent: !isDemo && values["no-agent"] !== true,
    agentRoot: values["agent-root"] && resolve(values["agent-root"]),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        demo: { type: "boolean" },
        port: { type: "string" },
        state: { type: "string" },
        "no-agent": { type: "boolean" },
        "agent-root": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new Refusal(
      (error as Error).message.split(". ")[0] + ".",
      "npm start -- --help tells the options there are.",
    );
  }
}

export const HELP = `Nephos on this machine

  npm start                 watches this machine
  npm run demo              a simulated fleet of 104 servers at four clouds

Options, after a --, as in: npm start -- --port 8788
  --port N          port of the dashboard (${PORT_DEFAULT}, or PORT in the environment)
  --state DIR       where the database is kept (.nephos/local, of the demo .nephos/demo)
  --no-agent        do not watch this machine
  --agent-root DIR  read /proc and /sys below DIR instead of /
`;
