import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "..");

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "nephos-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk of its own of this size. */
function disk(size: string): string {
  const folder = scratch();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}

const mayMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "nephos-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

/** What a fresh clone has before anything is installed, as far as the start reads it. */
function freshClone(folder: string): string {
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(root, name), join(folder, name));
  mkdirSync(join(folder, "scripts"));
  for (const name of readdirSync(join(root, "scripts")).filter((file) => file.endsWith(".mjs")))
    cpSync(join(root, "scripts", name), join(folder, "scripts", name));
  return folder;
}

/** Its last words and its exit code. */
async function start(folder: string, args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(folder, "scripts/start.mjs"), ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [code] = (await once(child, "close")) as [number];
  return { output, code };
}

describe("a start that cannot be says why and what to do, without a stack", () => {
  it("when another program has the port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { output, code } = await start(root, ["--port", String(port), "--state", scratch()]);
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} is taken by another program.`);
    expect(output).toContain(`npm start -- --port ${port + 1}`);
    expect(output).not.toContain("    at ");
  });

  it("when the network is missing at the first start", async () => {
    const env = { npm_config_registry: "http://127.0.0.1:1", npm_config_cache: scratch() };
    const { output, code } = await start(freshClone(scratch()), [], env);
    expect(code).toBe(1);
    expect(output).toContain("The npm registry cannot be reached.");
    expect(output).toContain("connect to the internet");
    expect(output).not.toContain("    at ");
  });

  it.skipIf(!mayMount)("when the disk is too small to install on", async () => {
    const { output, code } = await start(freshClone(disk("8m")));
    expect(code).toBe(1);
    expect(output).toMatch(/Only 0\.0 GB are free on this disk; Nephos needs 1\.2 GB\.\nMake room/);
    expect(output).not.toContain("    at ");
  });

  it.skipIf(!mayMount)("when the disk with its data is full", async () => {
    const { output, code } = await start(root, ["--port", "65000", "--state", disk("8m")]);
    expect(code).toBe(1);
    expect(output).toContain("The disk is full: 8.4 MB are free where Nephos keeps its data");
    expect(output).not.toContain("    at ");
  });
});
