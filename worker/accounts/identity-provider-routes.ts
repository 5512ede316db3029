import type { EpochMs } from "../../contract/units.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { isSame } from "../auth/secret.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { vaultOf } from "../vault/vault.ts";
import { ACCESS_HEADER, ACCESS_ID, accessAccount } from "./access.ts";
import { personOf } from "./arrival.ts";
import { githubAccount, githubTrip } from "./github.ts";
import type { AccountElsewhere } from "./newcomer.ts";
import { localPath } from "./next.ts";
import { oidcAccount, oidcTrip, type Return, type Trip } from "./oidc.ts";
import { reasonOf } from "./outside.ts";
import { findAccess, findIdentityProvider } from "./identity-provider-store.ts";
import { identityProviderPurpose } from "./sealed-columns.ts";
import { letIn, turnedAway } from "./sign-in.ts";
import { giveStep, openStep, type Steps } from "./step.ts";
import type { IdentityProviderRow } from "./table.ts";

export const CALLBACK_PATH = "/api/sign-in/callback";

/** Ways in through others: by a provider and back, and through Cloudflare Access. Outside, one refusal is like the other. */
export const identityProviderRoutes = api({
  "POST /api/sign-in/identity-provider": async (c, { body: { id, next, invitation } }) => {
    const now = Date.now();
    const { origin } = new URL(c.req.url);
    const provider = await findIdentityProvider(database(c.env.DB), id);
    if (!provider) throw await refusedHere(c, "there is no provider of this id", now);
    let trip: Trip;
    try {
      const redirectUri = origin + CALLBACK_PATH;
      trip =
        provider.kind === "github"
          ? githubTrip(provider, redirectUri)
          : await oidcTrip(provider, redirectUri, origin, now);
    } catch (error) {
      throw await refusedHere(c, `at ${provider.id}: ${reasonOf(error)}`, now);
    }
    const { url, state, nonce, codeVerifier } = trip;
    const onTheWay = { state, nonce, codeVerifier, next: localPath(next, origin), invitation: invitation ?? null };
    await giveStep(c, "identityProvider", { providerId: provider.id, ...onTheWay }, now);
    return { url };
  },

  "GET /api/sign-in/callback": async (c) => {
    const now = Date.now();
    let claimed: string | null = null;
    try {
      const open = await openStep(c, "identityProvider", now);
      if (!open)
        return await refusedThere(c, null, "came back from a provider without having left", now, "step_expired");
      const { step } = open;
      if (!isSame(c.req.query("state") ?? "", step.state)) throw new Error("the state is not the one that was sent");
      // Before anything is asked of the provider: a callback that is repeated costs us nothing, and its code is used once.
      if (!(await open.finish())) throw new Error("this callback was used already");
      const provider = await findIdentityProvider(database(c.env.DB), step.providerId);
      if (!provider) throw new Error("the provider was removed meanwhile");
      const account = await accountAt(c, provider, step, now);
      claimed = account.email;
      const found = await personOf(c, account, { ...provider, providerId: provider.id }, step.invitation, now);
      if ("reason" in found) return await refusedThere(c, claimed, `at ${provider.id}: ${found.reason}`, now);
      await letIn(c, found.person, "identity_provider", now);
      return c.redirect(step.next, 302);
    } catch (error) {
      return await refusedThere(c, claimed, reasonOf(error), now);
    }
  },

  "POST /api/sign-in/access": async (c) => {
    const now = Date.now();
    let claimed: string | null = null;
    const refuse = async (reason: string) => {
      await turnedAway(c, claimed, `through Cloudflare Access: ${reason}`, now);
      return new NephosError("access_refused", "Cloudflare Access does not sign you in here.", {
        remedy: "Choose another way to sign in, or ask for an invitation.",
      });
    };
    const settings = await findAccess(database(c.env.DB));
    if (!settings) throw await refuse("it is not set up");
    const assertion = c.req.header(ACCESS_HEADER);
    if (!assertion) throw await refuse("the request did not come through it");
    let account: AccountElsewhere;
    try {
      account = await accessAccount(assertion, settings, new URL(c.req.url).origin);
    } catch (error) {
      throw await refuse(reasonOf(error));
    }
    claimed = account.email;
    const found = await personOf(c, account, { ...settings, providerId: ACCESS_ID }, null, now);
    if ("reason" in found) throw await refuse(found.reason);
    return letIn(c, found.person, "access", now);
  },
});

async function accountAt(
  c: ApiContext,
  provider: IdentityProviderRow,
  { state, nonce, codeVerifier }: Steps["identityProvider"],
  now: EpochMs,
): Promise<AccountElsewhere> {
  const url = new URL(c.req.url);
  const { origin } = url;
  const back: Return = { url, redirectUri: origin + CALLBACK_PATH, state, nonce, codeVerifier };
  const secret = await vaultOf(c.env).open(provider.clientSecret, identityProviderPurpose(provider.id));
  try {
    return provider.kind === "github"
      ? await githubAccount(provider, secret, back, origin)
      : await oidcAccount(provider, secret, back, origin, now);
  } catch (error) {
    throw new Error(`at ${provider.id}: ${reasonOf(error)}`, { cause: error });
  }
}

async function refusedHere(c: ApiContext, reason: string, now: EpochMs): Promise<NephosError> {
  await turnedAway(c, null, reason, now);
  return new NephosError("identity_provider_refused", "Signing in there does not work at present.", {
    remedy: "Choose another way to sign in, or ask whoever looks after this Nephos.",
  });
}

/** Back to the sign-in page, which says the same of every reason. */
async function refusedThere(
  c: ApiContext,
  claimed: string | null,
  reason: string,
  now: EpochMs,
  problem: "identity_provider_refused" | "step_expired" = "identity_provider_refused",
): Promise<Response> {
  // Somebody looks at a browser here: where even the log cannot be written, they still get a page.
  await turnedAway(c, claimed, reason, now).catch(() => {});
  return c.redirect(`/sign-in?problem=${problem}`, 302);
}
