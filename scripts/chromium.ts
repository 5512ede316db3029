import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where a Chromium is; undefined where there is none. */
export function chromiumPath(): string | undefined {
  return PLACES.find((path) => path !== undefined && existsSync(path));
}

/** A Chromium for the browser tests: the machine's, or the distribution's package, or the one Playwright brings. */
export function ensureChromium(): void {
  if (chromiumPath()) return;
  console.log("Installing Chromium for the browser tests …");
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { stdio: "inherit", env });
    if (chromiumPath()) return;
  }
  const { status } = spawnSync("playwright-core", ["install", "--with-deps", "chromium"], { stdio: "inherit" });
  if (status !== 0) {
    throw new Error("No Chromium could be installed: install one by hand, or name yours in CHROMIUM_PATH.");
  }
}
