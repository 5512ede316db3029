import { closeSync, openSync, readdirSync, readSync } from "node:fs";

/**
 * The files of one tick below a root: `/` on a real machine, a fixture in a test. A file is read once per tick even where
 * two collectors obey it: /proc/stat lists every interrupt and is dear on a machine of many cores.
 *
 * Reads are synchronous: the kernel makes these texts in memory, and a hop to the thread pool would cost more than the read.
 */
export class Procfs {
  readonly root: string;
  readonly #texts = new Map<string, string | undefined>();

  constructor(root: string) {
    this.root = root === "/" ? "" : root.replace(/\/+$/, "");
  }

  /** The text, or undefined where the kernel does not have this file: absence is not a failure. */
  text(path: string): string | undefined {
    if (!this.#texts.has(path))
      this.#texts.set(
        path,
        absentAsUndefined(() => readWhole(this.root + path)),
      );
    return this.#texts.get(path);
  }

  /** The text of a file every Linux has; its absence is a failure of the collector. */
  need(path: string): string {
    const text = this.text(path);
    if (text === undefined) throw new Error(`${path} does not exist`);
    return text;
  }

  list(path: string): string[] | undefined {
    return absentAsUndefined(() => readdirSync(this.root + path));
  }
}

function absentAsUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ENOTSUP: the kernel has the file but was started with the feature off, as with psi=0.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENOTSUP" || code === "EOPNOTSUPP") return undefined;
    throw error;
  }
}

/** Beyond this a file is not what it should be. /proc/stat of 1,024 cores is about 200 KB. */
const TEXT_BYTES_MAX = 4_000_000;
let buffer = Buffer.allocUnsafeSlow(32_768);

// Files of /proc have no size beforehand, so they are read until they end, into one buffer that is kept.
function readWhole(path: string): string {
  const file = openSync(path, "r");
  try {
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        if (length >= TEXT_BYTES_MAX) throw new Error(`${path} is larger than ${TEXT_BYTES_MAX} bytes`);
        buffer = Buffer.concat([buffer], buffer.length * 2);
      }
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.toString("utf8", 0, length);
      length += read;
    }
  } finally {
    closeSync(file);
  }
}
