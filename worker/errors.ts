import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorReply } from "../contract/ingest.ts";

/** Every refusal there is: code → HTTP status and the status in words. */
const REFUSALS = {
  malformed_json: [400, "Bad Request"],
  nested_too_deep: [400, "Bad Request"],
  invalid_field: [400, "Bad Request"],
  sample_out_of_time: [400, "Bad Request"],
  protocol_unknown: [400, "Bad Request"],
  sign_in_required: [401, "Unauthorized"],
  token_missing: [401, "Unauthorized"],
  token_unknown: [401, "Unauthorized"],
  link_unknown: [401, "Unauthorized"],
  credentials_wrong: [401, "Unauthorized"],
  code_wrong: [401, "Unauthorized"],
  step_expired: [401, "Unauthorized"],
  passkey_refused: [401, "Unauthorized"],
  identity_provider_refused: [401, "Unauthorized"],
  access_refused: [401, "Unauthorized"],
  invitation_unknown: [401, "Unauthorized"],
  foreign_origin: [403, "Forbidden"],
  role_too_low: [403, "Forbidden"],
  scope_missing: [403, "Forbidden"],
  sign_in_again: [403, "Forbidden"],
  token_of_another_instance: [403, "Forbidden"],
  not_found: [404, "Not Found"],
  stream_conflict: [409, "Conflict"],
  last_owner: [409, "Conflict"],
  changed_meanwhile: [409, "Conflict"],
  last_way_in: [409, "Conflict"],
  email_taken: [409, "Conflict"],
  too_many_kept: [409, "Conflict"],
  already_enrolled: [409, "Conflict"],
  provider_account_known: [409, "Conflict"],
  body_too_large: [413, "Payload Too Large"],
  identity_provider_unfit: [422, "Unprocessable Content"],
  provider_refused: [422, "Unprocessable Content"],
  target_refused: [422, "Unprocessable Content"],
  channel_refused: [422, "Unprocessable Content"],
  snowflake_refused: [422, "Unprocessable Content"],
  not_a_websocket: [426, "Upgrade Required"],
  too_many: [429, "Too Many Requests"],
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
  /** When it is worth trying again; a header, not part of the body. */
  retryAfterSeconds?: number;
}

/** Thrown anywhere, turned into a reply in one place (`app.onError`). */
export class NephosError extends Error {
  readonly refusal: Refusal;

  constructor(code: RefusalCode, message: string, details: Omit<Refusal, "code" | "message"> = {}) {
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

export function replyOf({ retryAfterSeconds: _header, ...refusal }: Refusal): ErrorReply {
  return { error: REFUSALS[refusal.code][1], ...refusal };
}
