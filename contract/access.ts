import type { z } from "zod";
import type { Role, Scope } from "./roles.ts";

/** Who may enter. */
export type Access =
  /** Anybody: it tells nothing of this fleet. */
  | "public"
  /** A way in: anybody may knock, from our own pages and so many times a minute. */
  | "door"
  /** The holder of an enrolment token. */
  | "enrolment"
  | {
      /** At least this role. */
      role: Role;
      /** What an API token must have been made for; null where it takes a person in a browser. */
      scope: Scope | null;
      /** Only within an hour of signing in: what changes the ways in. */
      isFresh?: true;
    };

export interface Endpoint {
  access: Access;
  says: string;
  body?: z.ZodType;
  query?: z.ZodType;
  /** Absent: the reply is empty (204), or, with `replyType`, not JSON. */
  reply?: z.ZodType;
  replyType?: string;
  status?: 201;
}

export const viewer = (scope: Scope | null) => ({ role: "viewer", scope }) as const;
export const operator = (scope: Scope | null) => ({ role: "operator", scope }) as const;
export const admin = (scope: Scope | null) => ({ role: "admin", scope }) as const;
export const owner = { role: "owner", scope: null } as const;
export const self = { role: "viewer", scope: null } as const;
export const freshSelf = { ...self, isFresh: true } as const;
export const freshOwner = { ...owner, isFresh: true } as const;
