import type { Target } from "../../../contract/checks.ts";
import { quoted } from "./outcome.ts";

/** What an HTTP check wants of an answer, held against what came. */

export type Wants = Pick<Extract<Target, { kind: "http" }>, "expectStatus" | "keyword" | "json">;

export function isExpectedStatus({ expectStatus }: Wants, status: number): boolean {
  return expectStatus.some(([from, to]) => status >= from && status <= to);
}

/** What is wrong with a body, in words; undefined where it is as wanted. `isWhole`: nothing of it was left unread. */
export function bodyTrouble({ keyword, json }: Wants, text: string, isWhole: boolean): string | undefined {
  return (keyword && keywordTrouble(keyword, text, isWhole)) ?? (json && jsonTrouble(json, text, isWhole)) ?? undefined;
}

function keywordTrouble({ text: wanted, isAbsent }: NonNullable<Wants["keyword"]>, text: string, isWhole: boolean) {
  const has = text.includes(wanted);
  if (isAbsent) return has ? `body holds ${quoted(wanted)}` : undefined;
  if (has) return undefined;
  return isWhole
    ? `body lacks ${quoted(wanted)}`
    : `body lacks ${quoted(wanted)} in its beginning, and is too long to be read on`;
}

function jsonTrouble({ path, equals }: NonNullable<Wants["json"]>, text: string, isWhole: boolean) {
  if (!isWhole) return "body is too long to be read as JSON";
  let found: unknown;
  try {
    found = valueAt(JSON.parse(text), path);
  } catch {
    return "body is not JSON";
  }
  if (found === undefined) return `body has no ${quoted(path)}`;
  if (equals === undefined || found === equals) return undefined;
  return `body says that ${quoted(path)} is ${shown(found)}, not ${shown(equals)}`;
}

/** `a.b[0].c`; undefined where there is no such thing. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const key = name ?? index!;
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function shown(value: unknown): string {
  return typeof value === "string" ? quoted(value) : quoted(JSON.stringify(value)).slice(1, -1);
}
