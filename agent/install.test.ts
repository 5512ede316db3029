import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAgent } from "./build.ts";
import { newEnrolmentToken, startEdge, type Edge } from "./edge-for-tests.ts";
import { parseEnvFile } from "./env-file.ts";

// The installer for real, into a directory: everything but users, packages and services, which install.slow.test.ts covers.
let scratch: string;
let built: string;
let edge: Edge;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-install-"));
  built = join(scratch, "built");
  await buildAgent(built);
  edge = await startEdge({ files: built });
});
afterAll(async () => {
  await edge.close();
  await rm(scratch, { recursive: true });
});

interface Run {
  code: number;
  said: string;
}
const run = (script: string, ...words: string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile("sh", [script, ...words], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: stdout + stderr }),
    );
  });
const freshRoot = () => mkdtemp(join(scratch, "root-"));
const installer = () => join(built, "install.sh");
const install = (root: string, ...words: string[]) =>
  run(installer(), "--root", root, "--endpoint", edge.url, "--token", "nep_secret", ...words);

async function listing(root: string): Promise<string[]> {
  const names = (await readdir(root, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const info = await stat(join(root, name)).catch(() => undefined);
      if (!info) return `${name} -> ${await readlink(join(root, name))}`;
      if (info.isDirectory()) return `${name}/ ${info.mode.toString(8)}`;
      const sum = createHash("sha256").update(await readFile(join(root, name)));
      return `${name} ${info.mode.toString(8)} ${sum.digest("hex")}`;
    }),
  );
}

describe("the installer", () => {
  it("puts agent, starter, unit, command and settings in their places", async () => {
    const root = await freshRoot();
    expect(await install(root)).toMatchObject({ code: 0 });
    const files = (await listing(root)).join("\n");
    expect(files).toMatch(/^opt\/nephos-agent\/nephos-agent\.mjs 100644/m);
    expect(files).toMatch(/^opt\/nephos-agent\/nephos-agent 100755/m);
    expect(files).toMatch(/^etc\/systemd\/system\/nephos-agent\.service 100644/m);
    expect(files).toMatch(/^etc\/nephos-agent\/agent\.env 100640/m);
    expect(files).toMatch(/^usr\/local\/bin\/nephos-agent -> \/opt\/nephos-agent\/nephos-agent$/m);
  });

  it("changes nothing when run a second time, and keeps settings that are not given anew", async () => {
    const root = await freshRoot();
    await install(root, "--name", "web-1", "--interval", "10000");
    const before = await listing(root);
    await install(root);
    expect(await listing(root)).toEqual(before);
    await run(installer(), "--root", root, "--name", "web-2");
    const settings = parseEnvFile(await readFile(join(root, "etc/nephos-agent/agent.env"), "utf8"));
    expect(settings).toEqual({
      NEPHOS_ENDPOINT: edge.url,
      NEPHOS_TOKEN: "nep_secret",
      INSTANCE_NAME: "web-2",
      COLLECTION_INTERVAL: "10000",
    });
  });

  it("writes names with quotes, dollars and backslashes so that they are read back as given", async () => {
    const root = await freshRoot();
    const name = 'a "b" $HOME `id` \\ & c=d';
    await install(root, "--name", name);
    await install(root);
    const settings = parseEnvFile(await readFile(join(root, "etc/nephos-agent/agent.env"), "utf8"));
    expect(settings.INSTANCE_NAME).toBe(name);
  });

  it("refuses a bundle whose checksum differs, and installs nothing", async () => {
    const root = await freshRoot();
    const tampered = join(scratch, "tampered");
    await cp(built, tampered, { recursive: true });
    await writeFile(join(tampered, "nephos-agent.mjs"), "process.exit(0)\n");
    const other = await startEdge({ files: tampered });
    const result = await run(installer(), "--root", root, "--endpoint", other.url, "--token", "nep_secret");
    await other.close();
    expect(result.code).not.toBe(0);
    expect(result.said).toContain("the checksum of nephos-agent.mjs differs");
    expect(await listing(root)).toEqual([]);
  });

  it("refuses an enrolment token where it builds an image, says what to do instead, and puts nothing there", async () => {
    const root = await freshRoot();
    const token = newEnrolmentToken();
    const result = await run(installer(), "--root", root, "--endpoint", edge.url, "--token", token);
    expect(result.code).not.toBe(0);
    expect(result.said).toMatch(/exchanged on the machine itself.*at its first boot.*an agent's own token/);
    expect(result.said).not.toContain(token);
    expect(await listing(root)).toEqual([]);
  });

  it("says that an enrolment token is no part of the address, where it would be kept in the settings", async () => {
    const root = await freshRoot();
    const token = newEnrolmentToken();
    const endpoint = `${edge.url}/ingest/vultr?token=${token}`;
    const result = await run(installer(), "--root", root, "--endpoint", endpoint, "--token", "nep_secret");
    expect(result.code).not.toBe(0);
    expect(result.said).toContain("Give the address alone, and the token as --token");
    expect(await listing(root)).toEqual([]);
  });

  it("tells of both kinds of token in its help", async () => {
    expect((await run(installer(), "--help")).said).toContain("an enrolment token or an agent's own token");
  });

  it("takes away everything it brought, and only that", async () => {
    const root = await freshRoot();
    await install(root);
    expect(await run(installer(), "--root", root, "--uninstall")).toMatchObject({ code: 0 });
    expect(await listing(root)).toEqual([]);
  });

  it("runs nothing when the download breaks off, wherever that is", async () => {
    const root = await freshRoot();
    const text = await readFile(installer(), "utf8");
    const cut = join(scratch, "cut.sh");
    for (let length = 1_000; length < text.length - 12; length += 2_500) {
      await writeFile(cut, text.slice(0, length));
      await run(cut, "--root", root, "--endpoint", edge.url, "--token", "nep_secret");
      expect(await listing(root)).toEqual([]);
    }
  });

  it.each([
    [["--endpoint", "http://127.0.0.1:9", "--token", "t"], "cannot fetch http://127.0.0.1:9/agent/nephos-agent.mjs"],
    [["--token", "t"], "--endpoint is missing"],
    [["--endpoint", "http://127.0.0.1:9"], "--token is missing"],
    [["--colour", "red"], "--colour is not an option"],
    [["--name"], "--name is not an option, or lacks its value"],
  ])("says what is wrong with %j", async (words, complaint) => {
    const result = await run(installer(), "--root", await freshRoot(), ...words);
    expect(result.code).not.toBe(0);
    expect(result.said).toContain(complaint);
  });
});
