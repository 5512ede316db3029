import type { SignInOffers } from "../../contract/people.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { countPeople } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { SIGN_IN_OFFERS_CACHE_MS } from "../settings.ts";
import { ACCESS_HEADER } from "./access.ts";
import { findAccess, identityProviderOffers } from "./identity-provider-store.ts";
import { turnstileSiteKey } from "./turnstile.ts";

let remembered:
  { at: EpochMs; isNew: boolean; identityProviders: SignInOffers["identityProviders"]; hasAccess: boolean } | undefined;

/** What the sign-in page may offer. Strangers ask, so what the database says of it is remembered for a moment. */
export async function offers(c: ApiContext, now: EpochMs): Promise<SignInOffers> {
  if (!remembered || now - remembered.at > SIGN_IN_OFFERS_CACHE_MS) {
    const db = database(c.env.DB);
    const [people, identityProviders, access] = await Promise.all([
      countPeople(db),
      identityProviderOffers(db),
      findAccess(db),
    ]);
    remembered = { at: now, isNew: people === 0, identityProviders, hasAccess: access !== undefined };
  }
  return {
    isNew: remembered.isNew,
    identityProviders: remembered.identityProviders,
    access: remembered.hasAccess && c.req.header(ACCESS_HEADER) !== undefined,
    turnstileSiteKey: turnstileSiteKey(c.env),
    demo: c.env.NEPHOS_MODE !== "live",
  };
}

/** Something of it has changed: whoever changed it sees that at once, others within the moment. */
export function forgetOffers(): void {
  remembered = undefined;
}
