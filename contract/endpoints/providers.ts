import { z } from "zod";
import { admin, viewer, type Endpoint } from "../access.ts";
import {
  changeProviderAccountSchema,
  discoveryReportSchema,
  newProviderAccountSchema,
  providerAccountSchema,
} from "../providers.ts";

/** Accounts at clouds. */
export const PROVIDER_ENDPOINTS = {
  "GET /api/provider-accounts": {
    access: viewer("fleet:read"),
    says: "Accounts at clouds, with what they list; never their keys",
    reply: z.object({ accounts: z.array(providerAccountSchema) }),
  },
  "POST /api/provider-accounts": {
    access: admin("fleet:write"),
    says: "Tries a key and, where it is good, keeps it sealed and lists its instances",
    body: newProviderAccountSchema,
    reply: discoveryReportSchema,
    status: 201,
  },
  "PATCH /api/provider-accounts/:id": {
    access: admin("fleet:write"),
    says: "Names or pauses an account, or gives it another key, which is tried first",
    body: changeProviderAccountSchema,
    reply: providerAccountSchema,
  },
  "POST /api/provider-accounts/:id/discover": {
    access: admin("fleet:write"),
    says: "Lists its instances now",
    reply: discoveryReportSchema,
  },
  "DELETE /api/provider-accounts/:id": {
    access: admin("fleet:write"),
    says: "Forgets an account and its key; instances with an agent stay, the others go",
  },
} as const satisfies Record<string, Endpoint>;
