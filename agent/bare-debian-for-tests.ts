import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A freshly made Debian, with real users and packages. Needs root and debootstrap; the bare system is made once (about a
 * minute) and kept in the temporary directory.
 */
const BARE = join(tmpdir(), "nephos-bare-debian-bookworm");
export const MINUTES = 60_000;
export const canMakeDebian =
  process.platform === "linux" && process.getuid?.() === 0 && hasCommands("debootstrap", "unshare");

function hasCommands(...names: string[]): boolean {
  return names.every((name) => (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, name))));
}

export async function makeBare(): Promise<void> {
  if (existsSync(BARE)) return;
  const making = await mkdtemp(`${BARE}-`);
  await chmod(making, 0o755);
  const words = ["--variant=minbase", "--include=curl,ca-certificates", "bookworm", making];
  execFileSync("debootstrap", words, { stdio: "ignore", timeout: 5 * MINUTES });
  // Another test file may have been faster; its system is as good.
  await rename(making, BARE).catch(() => rm(making, { recursive: true, force: true }));
}

export async function freshSystem(scratch: string): Promise<string> {
  const root = await mkdtemp(join(scratch, "system-"));
  execFileSync("cp", ["-a", "--reflink=auto", `${BARE}/.`, root]);
  return root;
}

// A mount namespace of its own, so that nothing stays mounted whatever happens to the test.
export function inside(root: string, script: string): Promise<{ code: number; said: string }> {
  const enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -c "$1"';
  return new Promise((resolve) => {
    const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };
    execFile("unshare", ["-m", "sh", "-c", enter, root, script], { env: environment }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: stdout + stderr }),
    );
  });
}

export async function withOwnNode(root: string): Promise<void> {
  await copyFile(process.execPath, join(root, "usr/local/bin/node"));
  await chmod(join(root, "usr/local/bin/node"), 0o755);
}
