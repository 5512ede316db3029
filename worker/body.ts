import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { z } from "zod";
import { BODY_BYTES_MAX, BODY_DEPTH_MAX } from "../contract/limits.ts";
import { NephosError } from "./errors.ts";

/** Refuses a body above the limit, announced or not, before it is read into memory. */
export const limitedBody = createMiddleware(async function limitedBody(c, next) {
  const announced = c.req.header("content-length");
  // Counting a stream costs more than reading it: only a body that does not say its length is counted.
  if (announced === undefined || c.req.header("transfer-encoding") !== undefined) return countedBody(c, next);
  if (Number(announced) > BODY_BYTES_MAX) tooLarge();
  await next();
});

const countedBody = bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge });

function tooLarge(): never {
  throw new NephosError("body_too_large", `The body is larger than ${BODY_BYTES_MAX} bytes.`, {
    remedy: "Send fewer samples per request.",
  });
}

/** The body as JSON, or the refusal that says what is wrong with it. */
export async function jsonBody(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (depthOf(text) > BODY_DEPTH_MAX) {
    throw new NephosError("nested_too_deep", `The body is nested deeper than ${BODY_DEPTH_MAX} levels.`, {
      remedy: "See docs/protocol.md for the shape of a request.",
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new NephosError("malformed_json", `The body is not JSON: ${(error as SyntaxError).message}`, {
      remedy: "Send a JSON object. NaN and Infinity are not JSON: leave such a value out.",
    });
  }
}

/** The value if it fits the schema; otherwise the refusal of the first field that does not. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = pathOf(issue.path);
  throw new NephosError("invalid_field", `${field || "The body"}: ${issue.message}`, {
    ...(field && { field }),
    remedy: "Correct this field and send again; nothing of this request was stored.",
  });
}

/** How deep brackets nest, without parsing: a scan that a parser's stack never sees. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (inString) {
      if (char === BACKSLASH) i++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** `samples[0].metrics.load_1m`; what a stranger put there is cut, for the answer and the eye. */
function pathOf(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += `${text && "."}${printable(String(part))}`;
  }
  return text;
}

const FIELD_PART_LENGTH_MAX = 80;

function printable(text: string): string {
  const clean = text.replace(/\p{Cc}/gu, "?");
  return clean.length > FIELD_PART_LENGTH_MAX ? `${clean.slice(0, FIELD_PART_LENGTH_MAX)}…` : clean;
}
