import type { z } from "zod";
import type { Endpoint } from "./access.ts";
import { ALERT_ENDPOINTS } from "./endpoints/alerts.ts";
import { CHECK_ENDPOINTS } from "./endpoints/checks.ts";
import { FLEET_ENDPOINTS } from "./endpoints/fleet.ts";
import { INSIGHT_ENDPOINTS } from "./endpoints/insights.ts";
import { OPERATIONS_ENDPOINTS } from "./endpoints/operations.ts";
import { ORIGINAL_ENDPOINTS } from "./endpoints/original.ts";
import { PEOPLE_ENDPOINTS } from "./endpoints/people.ts";
import { PROVIDER_ENDPOINTS } from "./endpoints/providers.ts";

export type { Access, Endpoint } from "./access.ts";

/**
 * The table of endpoints: who may enter, what is sent and what comes back, in one place. The Worker registers nothing under
 * `/api` that is not here, guards each by its row, and describes them from it at `/api/openapi.json`; the dashboard calls by it.
 */
export const ENDPOINTS = {
  ...OPERATIONS_ENDPOINTS,
  ...PEOPLE_ENDPOINTS,
  ...FLEET_ENDPOINTS,
  ...PROVIDER_ENDPOINTS,
  ...CHECK_ENDPOINTS,
  ...ALERT_ENDPOINTS,
  ...INSIGHT_ENDPOINTS,
  ...ORIGINAL_ENDPOINTS,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;
type Row<Name extends EndpointName> = (typeof ENDPOINTS)[Name];
type Sent<Part> = Part extends z.ZodType ? z.input<Part> : never;

/** Method and path → what is sent and what comes back, as types. */
export type Endpoints = {
  [Name in EndpointName]: (Row<Name> extends { body: infer Body } ? { body: Sent<Body> } : unknown) & {
    reply: Row<Name> extends { reply: infer Reply extends z.ZodType } ? z.output<Reply> : void;
  };
};

/** What a handler is given, parsed. */
export type BodyOf<Name extends EndpointName> =
  Row<Name> extends { body: infer Body extends z.ZodType } ? z.output<Body> : undefined;
export type QueryOf<Name extends EndpointName> =
  Row<Name> extends { query: infer Query extends z.ZodType } ? z.output<Query> : undefined;
export type ReplyOf<Name extends EndpointName> = Endpoints[Name]["reply"];
