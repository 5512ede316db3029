import type { ErrorReply } from "../contract/ingest.ts";

/** What stands in an answer is somebody else's text: it is read here, bounded, and never more than shown or compared. */

const PART_LENGTH_MAX = 300;

export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The parts that are text, as one line. */
export function lineOfParts(parts: readonly unknown[]): string {
  return parts
    .filter((part) => typeof part === "string" && part !== "")
    .map((part) =>
      String(part)
        .slice(0, PART_LENGTH_MAX)
        .replace(/[.\s]+$/, ""),
    )
    .join(". ");
}

export function refusalInWords(status: number, { error, message, field, remedy }: Partial<ErrorReply>): string {
  const told = lineOfParts([message ?? error, field === undefined ? undefined : `field ${field}`, remedy]);
  return told === "" ? `It answered ${status}` : `It answered ${status}: ${told}`;
}

/** Node's own words name the address; some errors have only a code. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return error.message || error.code || "the connection failed";
}
