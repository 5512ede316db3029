import { spawn } from "child_process";

/** Left to itself, npm waits for a minute without a word before it says that the network is missing. */
export const NPM_PATIENCE = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];

/**
 * Runs a program to its end and gives back what it said; rejects with what it said where it failed.
 * @param {string} program @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string | undefined> }} options
 * @returns {Promise<string>}
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: Object.assign({}, process.env, options.env),
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32" && program === "npm",
    });
    let said = "";
    let complaints = "";
    if (child.stdout) child.stdout.on("data", (chunk) => (said += String(chunk)));
    if (child.stderr) child.stderr.on("data", (chunk) => (complaints += String(chunk)));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(complaints || said || program + " ended with " + code)),
    );
  });
}
