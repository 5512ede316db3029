import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Refusal, remedyFor } from "./refusal.ts";

export interface WranglerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WranglerOptions {
  readonly root: string;
  readonly env?: Readonly<Record<string, string>>;
}

const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG_SANITIZE: "true",
  // What wrangler logs to a file would hold what it uploads.
  WRANGLER_WRITE_LOGS: "false",
  // Nobody is there to answer questions.
  CI: "1",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
};

const MASKED = "••••••";
const NAMES_OF_SECRETS = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CF_API_TOKEN", "CF_API_KEY"];

const secrets = new Set<string>();
let running: ChildProcess | undefined;

/** From now on, `secret` is hidden in whatever wrangler says. */
export function hide(secret: string): void {
  if (secret !== "") secrets.add(secret);
}

export function masked(text: string): string {
  const hidden = [...secrets, ...NAMES_OF_SECRETS.map((name) => process.env[name] ?? "")].filter(
    (value) => value !== "",
  );
  return hidden.reduce((shown, secret) => shown.replaceAll(secret, MASKED), text);
}

/** Ends wrangler and with it what it was run for, so that nothing secret is left in a file. */
export function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (running?.kill(signal) !== true) process.exit(1);
    });
  }
}

/** What went wrong and what to do about it, without stacks and secrets. */
export function inWords(error: unknown, remedyOtherwise: string): string {
  const message = stripVTControlCharacters(error instanceof Error ? error.message : String(error))
    .split("\n")
    .filter((line) => !/^\s+at .*[:)]/.test(line))
    .join("\n");
  const remedy = error instanceof Refusal ? error.remedy : remedyOtherwise;
  return `${masked(message)}\n\nWhat to do:\n${masked(remedy)}`;
}

/** Runs wrangler without judging how it ends. */
export function tryWrangler(args: readonly string[], options: WranglerOptions): Promise<WranglerResult> {
  const script = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: options.root,
      env: { ...process.env, ...QUIET, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running = undefined;
      if (signal === "SIGINT" || signal === "SIGTERM") {
        reject(
          new Refusal("Stopped on request.", "Run the same command again to go on: what is done already is kept."),
        );
        return;
      }
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** Runs wrangler and returns what it printed; a failure becomes a refusal that quotes it. */
export async function wrangler(args: readonly string[], options: WranglerOptions): Promise<string> {
  const result = await tryWrangler(args, options);
  if (result.code !== 0) throw failed(args, result);
  return result.stdout;
}

export function failed(args: readonly string[], result: WranglerResult): Refusal {
  // With --json the error itself is on stdout.
  const said = [result.stderr, result.stdout].map((text) => tidy(text)).filter((text) => text !== "");
  const quoted = masked(said.join("\n"));
  const command = args
    .filter((arg) => /^[a-z0-9]+$/.test(arg))
    .slice(0, 2)
    .join(" ");
  return new Refusal(`\`wrangler ${command}\` failed:\n${indented(quoted)}`, remedyFor(quoted));
}

/** The value in what a wrangler command printed with --json. */
export function jsonOf(output: string, command: string): unknown {
  const start = output.search(/[[{]/);
  try {
    return JSON.parse(start < 0 ? "" : output.slice(start));
  } catch {
    throw new Refusal(
      `\`wrangler ${command}\` answered something that is not JSON:\n${indented(masked(tidy(output)))}`,
      "Run `npm ci`, so that wrangler is the version this repository was tested with, and try again.",
    );
  }
}

function tidy(text: string): string {
  return stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "" && !/If you think this is a bug|Logs were written to/.test(line))
    .join("\n");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
