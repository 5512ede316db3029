import { existsSync, readdirSync } from "fs";
import { join } from "path";

const LOOK_EVERY_MS = 250;

/**
 * Tells on a terminal how many packages have been unpacked so far, npm's own progress being on the channel where its errors
 * are read. Gives back what ends it. @param {string} folder node_modules
 */
export function showProgress(folder) {
  if (!process.stdout.isTTY) return () => {};
  const timer = setInterval(
    () => process.stdout.write("\r  " + unpacked(folder) + " packages unpacked"),
    LOOK_EVERY_MS,
  );
  return () => {
    clearInterval(timer);
    process.stdout.write("\r\x1b[K");
  };
}

/** npm makes all the folders first; a package is there when its package.json is. @param {string} folder */
function unpacked(folder) {
  let count = 0;
  for (const name of namesIn(folder)) {
    const packages = name[0] === "@" ? namesIn(join(folder, name)).map((part) => join(name, part)) : [name];
    count += packages.filter((part) => existsSync(join(folder, part, "package.json"))).length;
  }
  return count;
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
