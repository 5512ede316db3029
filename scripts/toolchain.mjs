import { createHash } from "crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "fs";
import { join } from "path";
import { NPM_PATIENCE, run } from "./run.mjs";

/** The npm that reads this lockfile; older ones guess at it. */
const NPM = "npm@11.19.1";

/** Names of the packages with a Node for this system, as package.json lists them. @param {string} root */
export function pinnedNode(root) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const system = (process.platform === "win32" ? "win" : process.platform) + "-" + process.arch;
  const name = Object.keys(optionalDependencies).find((key) => key.endsWith("-" + system));
  return name && { name, version: optionalDependencies[name] };
}

/** Path of the program inside the package. @param {string} folder */
export function nodeIn(folder) {
  return join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** Brings a Node and an npm of their own for an old system, into .nephos/toolchain; gives the command. @param {string} root */
export async function ownToolchain(root) {
  const pinned = pinnedNode(root);
  if (!pinned) throw new Error("There is no Node.js for " + process.platform + " on " + process.arch + " to bring.");
  const folder = join(root, ".nephos", "toolchain");
  const node = nodeIn(join(folder, pinned.version, "node"));
  const npm = join(folder, pinned.version, "npm", "bin", "npm-cli.js");
  const done = join(folder, pinned.version, "done");
  if (existsSync(done)) return [node, npm];
  console.log(
    "Your Node.js " +
      process.version +
      " or its npm is too old; fetching Node.js " +
      pinned.version +
      " for Nephos alone (50 MB) …",
  );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, pinned.version), { recursive: true });
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { integrity } = lock.packages["node_modules/" + pinned.name];
  await fetchPackage(folder, pinned.name + "@" + pinned.version, join(folder, pinned.version, "node"), integrity);
  await fetchPackage(folder, NPM, join(folder, pinned.version, "npm"));
  writeFileSync(done, "");
  return [node, npm];
}

/** @param {string} folder @param {string} spec @param {string} target @param {string} [integrity] */
async function fetchPackage(folder, spec, target, integrity) {
  const said = await run("npm", ["pack", spec, "--loglevel=error"].concat(NPM_PATIENCE), {
    cwd: folder,
  });
  const file = said.trim().split("\n").pop() || "";
  const tarball = join(folder, file);
  const sum = "sha512-" + createHash("sha512").update(readFileSync(tarball)).digest("base64");
  if (integrity && integrity !== sum) throw new Error(file + " does not match its checksum in package-lock.json");
  mkdirSync(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"], { cwd: folder });
  rmSync(tarball, { force: true });
}
