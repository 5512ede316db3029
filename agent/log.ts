import { writeSync } from "node:fs";

const NOTICES_MAX = 20;

export interface Log {
  info(line: string): void;
  warn(line: string): void;
  /** Only with DEBUG. */
  debug(line: string): void;
}

export interface LogSettings {
  isDebug: boolean;
  /** 1 is standard output, 2 standard error. */
  fileDescriptor: 1 | 2;
  /** Never written: each occurrence becomes stars. */
  secrets: readonly string[];
}

/**
 * One line per event: time, then plain words. A service's log keeps lines, so a line break within becomes a space; so does
 * whatever could steer the terminal it is read on, because words of the server's stand in some lines.
 */
export function createLog(settings: LogSettings): Log {
  const write = (line: string) => {
    let text = line.replace(/\s*[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+\s*/gu, " ");
    for (const secret of settings.secrets) if (secret) text = text.replaceAll(secret, "****");
    try {
      // Written at once and without a stream: Node's own would cost more memory than the whole log is worth.
      writeSync(settings.fileDescriptor, `${new Date().toISOString()} ${text}\n`);
    } catch {
      // A reader that went away or is slow must not stop the watching.
    }
  };
  return { info: write, warn: write, debug: (line) => settings.isDebug && write(line) };
}

/** Tells a trouble when it is new; that it lasts is no news. */
export class Trouble {
  readonly #log: Log;
  #lastWhy: string | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  tell(why: string, line: string): void {
    if (why !== this.#lastWhy) this.#log.warn(line);
    else this.#log.debug(line);
    this.#lastWhy = why;
  }

  /** It is over: the same again is news. */
  isOver(): void {
    this.#lastWhy = undefined;
  }
}

/** Tells each text once, and no more than so many: they are somebody else's. */
export class Notices {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  tell(text: string): void {
    if (this.#told.has(text) || this.#told.size >= NOTICES_MAX) return;
    this.#told.add(text);
    this.#log.warn(`Nephos says: ${text}`);
  }
}

/** An object in a log line, as `{ metricsIngested: 12, durableSeq: 4 }`. */
export function inWords(value: object): string {
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `${key}: ${JSON.stringify(part)}`);
  return parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}
