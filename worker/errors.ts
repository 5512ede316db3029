import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorReply } from "../contract/ingest.ts";

/** Every refusal there is: code → HTTP status and the status in words. */
const REFUSALS = {
  malformed_json: [400, "Bad Request"],
  nested_too_deep: [400, "Bad Request"],
  invalid_field: [400, "Bad Request"],
  sample_out_of_time: [400, "Bad Request"],
  sign_in_required: [401, "Unauthorized"],
  token_missing: [401, "Unauthorized"],
  token_unknown: [401, "Unauthorized"],
  link_unknown: [401, "Unauthorized"],
  foreign_origin: [403, "Forbidden"],
  token_of_another_instance: [403, "Forbidden"],
  not_found: [404, "Not Found"],
  stream_conflict: [409, "Conflict"],
  body_too_large: [413, "Payload Too Large"],
  not_a_websocket: [426, "Upgrade Required"],
  internal: [500, "Internal Server Error"],
  storage_unavailable: [503, "Service Unavailable"],
  too_busy: [503, "Service Unavailable"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal as plain data, so that it can also cross from an object to the Worker, which exceptions do not do whole. */
export interface Refusal {
  code: RefusalCode;
  message: string;
  field?: string;
  remedy?: string;
}

/** Thrown anywhere, turned into a reply in one place (`app.onError`). */
export class NephosError extends Error {
  readonly refusal: Refusal;

  constructor(code: RefusalCode, message: string, details: { field?: string; remedy?: string } = {}) {
    super(message);
    this.name = "NephosError";
    this.refusal = { code, message, ...details };
  }

  static of(refusal: Refusal): NephosError {
    const { code, message, ...details } = refusal;
    return new NephosError(code, message, details);
  }
}

export function statusOf(code: RefusalCode): ContentfulStatusCode {
  return REFUSALS[code][0];
}

export function replyOf(refusal: Refusal): ErrorReply {
  return { error: REFUSALS[refusal.code][1], ...refusal };
}
