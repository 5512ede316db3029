import { createHash } from "crypto";
import * as fs from "fs";
import { dirname, join } from "path";
import { fileURLToPath } from "url";
import { explain } from "./explain.mjs";
import { showProgress } from "./progress.mjs";
import { NPM_PATIENCE, run } from "./run.mjs";
import { nodeIn, ownToolchain, pinnedNode } from "./toolchain.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const STAMP = join(ROOT, "node_modules", ".nephos-lock");
const DISK_NEEDED_BYTES = 1.2e9;

/** Said to the owner as it stands, without a stack. */
export class Refused extends Error {
  /** @param {string} message @param {string} remedy */
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** Installs what package-lock.json names unless it is there; gives the path of the Node to run Nephos with. */
export async function ensureInstalled() {
  refuseMusl();
  const lock = createHash("sha256")
    .update(fs.readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  if (!isInstalled(lock)) {
    try {
      await install();
      fs.writeFileSync(STAMP, lock);
    } catch (error) {
      if (error instanceof Refused) throw error;
      const { message, remedy, isKnown } = explain(String(error.message));
      if (!isKnown) console.error(error.message);
      throw new Refused(message, remedy);
    }
  }
  return chooseNode();
}

/** @param {string} lock */
function isInstalled(lock) {
  try {
    return fs.readFileSync(STAMP, "utf8").trim() === lock;
  } catch {
    return false;
  }
}

async function install() {
  await requireDisk();
  const isFirst = !fs.existsSync(STAMP);
  console.log(
    isFirst
      ? "Installing what Nephos needs (once, about half a minute) …"
      : "Nephos' packages have changed; installing …",
  );
  // Warnings of npm are about the Node that is there; Nephos brings its own.
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"].concat(NPM_PATIENCE);
  if (atLeast(process.versions.node, 20, 17) && atLeast(await npmVersion(), 7, 0)) {
    await installWith("npm", args);
    return;
  }
  const [node, npm] = await ownToolchain(ROOT);
  const path = dirname(node) + (process.platform === "win32" ? ";" : ":") + process.env.PATH;
  await installWith(node, [npm].concat(args), { PATH: path });
}

/** @param {string} program @param {string[]} args @param {Record<string, string>} [env] */
async function installWith(program, args, env) {
  const endProgress = showProgress(join(ROOT, "node_modules"));
  try {
    await run(program, args, { cwd: ROOT, env });
  } finally {
    endProgress();
  }
}

async function npmVersion() {
  return (await run("npm", ["--version"], { cwd: ROOT })).trim();
}

async function requireDisk() {
  if (!fs.promises.statfs) return;
  const { bavail, bsize } = await fs.promises.statfs(ROOT);
  const free = bavail * bsize;
  if (free >= DISK_NEEDED_BYTES) return;
  throw new Refused(
    "Only " + (free / 1e9).toFixed(1) + " GB are free on this disk; Nephos needs " + DISK_NEEDED_BYTES / 1e9 + " GB.",
    "Make room or move the folder to another disk, then start again.",
  );
}

function refuseMusl() {
  if (process.platform !== "linux" || !process.report) return;
  const report = process.report.getReport();
  if (report && report.header && report.header.glibcVersionRuntime) return;
  throw new Refused(
    "This Linux has no glibc (it is built on musl, as Alpine is), and workerd, which runs Nephos here, needs it.",
    "Use a glibc system such as Debian, Ubuntu or Fedora (a container of node:24 will do). Agents run on either.",
  );
}

function chooseNode() {
  const pinned = pinnedNode(ROOT);
  const own = pinned && nodeIn(join(ROOT, "node_modules", pinned.name));
  if (own && fs.existsSync(own)) return own;
  if (atLeast(process.versions.node, 22, 18)) return process.execPath;
  throw new Refused(
    "There is no Node.js 24 in node_modules, and yours is " + process.version + ".",
    "Install Node.js 24 from https://nodejs.org, remove the folder node_modules (was it made with --omit=optional?) and start again.",
  );
}

/** @param {string} version @param {number} major @param {number} minor */
function atLeast(version, major, minor) {
  const parts = version.split(".").map(Number);
  return parts[0] > major || (parts[0] === major && parts[1] >= minor);
}
