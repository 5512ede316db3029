import { CUSTOM_SERIES_PER_INSTANCE_MAX } from "../../contract/limits.ts";
import type { DurationMs } from "../../contract/units.ts";
import type { Refusal } from "../errors.ts";
import { INGESTS_PER_TOKEN_PER_MINUTE_MAX } from "../settings.ts";

/** Why samples are not taken, in the words a sender is given. */

export const UNKNOWN_TOKEN: Refusal = {
  code: "token_unknown",
  message: "This token is not known here, or was revoked.",
  field: "token",
  remedy: "Make a new one in the dashboard under Add, and give it to the agent.",
};

export const TOO_BUSY: Refusal = {
  code: "too_busy",
  message: "More samples are waiting to be written than fit in memory.",
  remedy: "Keep the samples and send again.",
};

export const TOO_MANY_SOCKETS: Refusal = {
  code: "too_many",
  message: "This token has opened newer sockets than this one.",
  field: "token",
  remedy: "One agent needs one socket; where several machines use the token, give each its own.",
};

export const STORAGE_UNAVAILABLE: Refusal = {
  code: "storage_unavailable",
  message: "The database did not take the samples.",
  remedy: "Keep the samples and send again.",
};

export function tooManyFor(waitMs: DurationMs): Refusal {
  return {
    code: "too_many",
    message: `This token has sent ${INGESTS_PER_TOKEN_PER_MINUTE_MAX} messages within a minute.`,
    remedy: "Keep the samples and send them later, up to 100 in one message.",
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  };
}

export function hasTokenAlready(instanceId: string): Refusal {
  return {
    code: "already_enrolled",
    message: `Instance ${instanceId} has a token already, or this one was bound elsewhere at the same moment.`,
    field: "instance.id",
    remedy: "Revoke the instance's token in the dashboard first, or give this machine an id of its own.",
  };
}

export function ofAnotherInstance(instanceId: string): Refusal {
  return {
    code: "token_of_another_instance",
    message: `This token belongs to instance ${instanceId}.`,
    field: "instance.id",
    remedy: "Make a token of its own for every instance, in the dashboard under Add.",
  };
}

export function customMetricsLeftOut(refused: readonly string[]): string {
  return `An instance may have ${CUSTOM_SERIES_PER_INSTANCE_MAX} custom series; left out: ${refused.slice(0, REFUSED_KEYS_TOLD_MAX).join(", ")}.`;
}

/** So many refused series are named; the rest is the same story. */
export const REFUSED_KEYS_TOLD_MAX = 10;

export function wrongClock(offsetMs: DurationMs): string {
  const hours = Math.round(Math.abs(offsetMs) / 3_600_000);
  const way = offsetMs > 0 ? "behind" : "ahead of";
  return `The clock of this instance is ${hours} hours ${way} the server's. Its samples are stored at the server's time; set its clock (timedatectl set-ntp true).`;
}
