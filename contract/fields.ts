import { z } from "zod";
import { INSTANCE_NAME_LENGTH_MAX, PASSWORD_LENGTH_MIN, TAG_PATTERN, TAGS_MAX } from "./limits.ts";
import { ROLES } from "./roles.ts";

/** The fields that occur in more than one message under `/api`, with the words their refusals use. */

export const epochMs = z.int().meta({ description: "Milliseconds since 1970-01-01T00:00:00Z" });

const line = (max: number) =>
  z
    .string("must be a string")
    .trim()
    .min(1, "must not be empty")
    .max(max, `must be at most ${max} characters`)
    .regex(/^[^\p{Cc}]*$/u, "must not contain control characters");

export const label = line(INSTANCE_NAME_LENGTH_MAX);

/** Compared without regard to case; whether it reaches anybody is not asked. */
export const email = line(254).toLowerCase().pipe(z.email("is not an e-mail address"));

/** Longer ones are as good as this and only cost time. */
const PASSWORD_LENGTH_MAX = 256;
export const newPassword = z
  .string("must be a string")
  .min(
    PASSWORD_LENGTH_MIN,
    `must have at least ${PASSWORD_LENGTH_MIN} characters: a few words are easy to keep in mind`,
  )
  .max(PASSWORD_LENGTH_MAX, `must be at most ${PASSWORD_LENGTH_MAX} characters`);
/** What somebody claims is their password: not measured, only bounded. */
export const claimedPassword = z.string("must be a string").max(PASSWORD_LENGTH_MAX, "is too long");

export const role = z.enum(ROLES, `must be one of ${ROLES.join(", ")}`);

export const tag = z
  .string("must be a string")
  .trim()
  .toLowerCase()
  .regex(TAG_PATTERN, "must be 1 to 48 letters, digits or . _ : / - and start with a letter or digit");
export const tags = z
  .array(tag)
  .max(TAGS_MAX, `must be at most ${TAGS_MAX} tags`)
  .transform((list) => [...new Set(list)].sort());

/** 256 bits in base64url, as every secret of ours is. */
export const secret = (what: string) =>
  z.string("must be a string").regex(/^[A-Za-z0-9_-]{43}$/, `is not ${what}: copy the whole link`);

export const id = z.string().meta({ description: "UUID" });
