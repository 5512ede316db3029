import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { canMakeDebian, freshSystem, inside, makeBare, MINUTES, withOwnNode } from "./bare-debian-for-tests.ts";
import { buildAgent } from "./build.ts";
import { startEdge, type Edge } from "./edge-for-tests.ts";

// Where such a system cannot be had the last test says so, and what the installer does without users and packages is still
// held by install.test.ts.
let scratch: string;
let edge: Edge;

const install = (words = "") =>
  `curl -fsSL ${edge.url}/install.sh | sh -s -- --endpoint ${edge.url} --token nep_right ${words}`;
const uninstall = () => `curl -fsSL ${edge.url}/install.sh | sh -s -- --uninstall`;

/** Every file, user and package; without caches, logs and the backups that passwd's and dpkg's own tools keep. */
const STATE = `
  find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/log -o -path /var/cache \\
    -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /etc/ld.so.cache \\) -prune -o ! -type d -print -o -type d -print \\
    | grep -vE '^/etc/(passwd|shadow|group|gshadow|subuid|subgid)-$' | sort
  cut -d: -f1 /etc/passwd /etc/group | sort
  dpkg-query -W -f '\${Package} \${Status}\\n' | sort`;
const stateOf = async (root: string) => (await inside(root, STATE)).said;

describe.runIf(canMakeDebian)("the installer in a bare Debian", () => {
  beforeAll(async () => {
    await makeBare();
    scratch = await mkdtemp(join(tmpdir(), "nephos-install-slow-"));
    await buildAgent(join(scratch, "built"));
  }, 6 * MINUTES);
  afterAll(() => rm(scratch, { recursive: true, force: true }));
  afterEach(() => edge.close());

  it(
    "brings Node from the distribution, gets the first sample taken, and leaves nothing when it goes",
    async () => {
      edge = await startEdge({ files: join(scratch, "built"), token: "nep_right" });
      const root = await freshSystem(scratch);
      const before = await stateOf(root);
      const result = await inside(root, install("--name bare-1"));
      expect(result.said).toContain("is installed, and Nephos took its first sample");
      expect(result.code).toBe(0);
      expect(edge.envelopes[0]?.instance.name).toBe("bare-1");
      const settings = await inside(root, "stat -c '%a %U:%G' /etc/nephos-agent/agent.env; id nephos-agent");
      expect(settings.said).toMatch(/^640 root:nephos-agent\nuid=\d+\(nephos-agent\)/);
      const asService = await inside(
        root,
        "setpriv --reuid nephos-agent --regid nephos-agent --clear-groups nephos-agent --once",
      );
      expect(asService).toMatchObject({ code: 0 });
      expect(await inside(root, uninstall())).toMatchObject({ code: 0 });
      expect(await stateOf(root)).toBe(before);
    },
    4 * MINUTES,
  );

  it(
    "uses the Node that is there, says what the server answered to a wrong token, and changes nothing when run again",
    async () => {
      edge = await startEdge({ files: join(scratch, "built"), token: "nep_right" });
      const root = await freshSystem(scratch);
      await withOwnNode(root);
      const before = await stateOf(root);

      const wrong = await inside(root, install().replace("nep_right", "nep_wrong"));
      expect(wrong.code).toBe(1);
      expect(wrong.said).toContain("did not take its first sample");
      expect(wrong.said).toContain("401: This token is not known");
      expect(wrong.said).not.toContain("nep_wrong");

      expect(await inside(root, install())).toMatchObject({ code: 0 });
      const sums = "find /opt /etc/nephos-agent /etc/systemd -type f -exec sha256sum {} + | sort";
      const first = await inside(root, `${sums}; ${STATE}`);
      expect(await inside(root, install())).toMatchObject({ code: 0 });
      expect(await inside(root, `${sums}; ${STATE}`)).toEqual(first);

      expect(await inside(root, uninstall())).toMatchObject({ code: 0 });
      expect(await stateOf(root)).toBe(before);
    },
    3 * MINUTES,
  );

  it(
    "fetches a Node of its own, checked by its checksum, where the distribution has none",
    async () => {
      const files = join(scratch, "mirror");
      await makeMirror(files);
      edge = await startEdge({ files });
      const root = await freshSystem(scratch);
      await inside(root, "rm -rf /etc/apt/sources.list /var/lib/apt/lists");
      const before = await stateOf(root);
      const mirrored = install().replace("| sh", `| NEPHOS_NODE_MIRROR=${edge.url} sh`);
      const result = await inside(root, mirrored);
      expect(result.said).toContain("Nephos took its first sample");
      expect((await inside(root, "cat /opt/nephos-agent/nephos-agent")).said).toContain(
        "/opt/nephos-agent/runtime/bin/node",
      );
      expect(await inside(root, uninstall())).toMatchObject({ code: 0 });
      expect(await stateOf(root)).toBe(before);
    },
    3 * MINUTES,
  );
});

/** The agent's files, and this very Node packed as nodejs.org packs it. */
async function makeMirror(files: string): Promise<void> {
  await buildAgent(files);
  const version = /^NODE_VERSION="(.+?)"/m.exec(execFileSync("cat", [join(files, "install.sh")]).toString())![1]!;
  const name = `node-${version}-linux-${process.arch}`;
  await mkdir(join(files, version, name, "bin"), { recursive: true });
  await copyFile(process.execPath, join(files, version, name, "bin/node"));
  const pack = `tar -cf - ${name} | gzip -1 >${name}.tar.gz && sha256sum ${name}.tar.gz >SHASUMS256.txt`;
  execFileSync("sh", ["-c", pack], { cwd: join(files, version) });
}

describe.runIf(!canMakeDebian)("the installer in a bare Debian", () => {
  it("cannot be tried here: it needs root and debootstrap; install.test.ts holds the part without users and packages", () => {
    console.warn("install.slow.test.ts: needs root and debootstrap; only install.test.ts tried the installer");
  });
});
