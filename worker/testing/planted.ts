/**
 * Secrets that were handed out in this test file, each with the one answer it may stand in. Every answer and every log line is
 * held against them, so that a route that lets one slip is caught by whichever test happens to call it.
 */
const planted = new Set<string>();
const logged: string[] = [];

export function plant(secret: string): string {
  planted.add(secret);
  return secret;
}

/** What of this text is a planted secret, `allowed` ones excepted. */
export function secretsIn(text: string, allowed: readonly string[] = []): string[] {
  return [...planted].filter((secret) => text.includes(secret) && !allowed.includes(secret));
}

/** Collects what the Worker logs from now on; it is still printed. */
export function watchLog(): void {
  for (const way of ["log", "info", "warn", "error", "debug"] as const) {
    const print = console[way].bind(console);
    console[way] = (...parts: unknown[]) => {
      logged.push(parts.map(String).join(" "));
      print(...parts);
    };
  }
}

export function secretsInLog(): string[] {
  return logged.flatMap((line) => secretsIn(line));
}

export function plantedCount(): number {
  return planted.size;
}
