import type { IdentityProvider } from "../../contract/people.ts";
import type { Done } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { IDENTITY_PROVIDERS_MAX } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";
import { record } from "./acting.ts";
import { ACCESS_ID, isAllowedTeam, requireKeys } from "./access.ts";
import { signInLoad } from "./desk-client.ts";
import { discover } from "./discovery.ts";
import { GITHUB } from "./github.ts";
import { isAllowedIssuer } from "./issuer.ts";
import { isLoopback } from "../public-host.ts";
import { forgetOffers } from "./offers.ts";
import { OutsideProblem } from "./outside.ts";
import { CALLBACK_PATH } from "./identity-provider-routes.ts";
import * as store from "./identity-provider-store.ts";
import { identityProviderPurpose } from "./sealed-columns.ts";
import type { IdentityProviderRow } from "./table.ts";

const SLUG = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** The ways in through others, as an owner sees and changes them. Secrets go in and never come out. */
export const waysRoutes = api({
  "GET /api/sign-in-ways": async (c) => {
    const db = database(c.env.DB);
    const [providers, access, load] = await Promise.all([
      store.listIdentityProviders(db),
      store.findAccess(db),
      signInLoad(c.env),
    ]);
    const callbackUrl = originOf(c) + CALLBACK_PATH;
    return { callbackUrl, identityProviders: providers.map(withoutSecret), access: access ?? null, load };
  },

  "PUT /api/sign-in-ways/identity-providers/:id": async (c, { body }) => {
    const id = c.req.param("id") ?? "";
    if (!SLUG.test(id) || id === ACCESS_ID) {
      throw invalid("id", "must be 1 to 40 small letters, digits or -, and not `access`");
    }
    requireDomains(body);
    const db = database(c.env.DB);
    const origin = originOf(c);
    const issuer = body.kind === "github" ? githubAt(body.issuer, origin) : await askedIssuer(body.issuer, origin);
    const before = await store.findIdentityProvider(db, id);
    const clientSecret = await secretFor(c, id, issuer, body.clientSecret, before);
    const { kind, name, clientId, joinRole, joinDomains } = body;
    const row: IdentityProviderRow = { id, kind, name, issuer, clientId, clientSecret, joinRole, joinDomains };
    if (!(await store.saveIdentityProvider(db, row))) {
      throw new NephosError("too_many_kept", `There are ${IDENTITY_PROVIDERS_MAX} providers already.`, {
        remedy: "Remove one that nobody uses.",
      });
    }
    const isNewSecret = body.clientSecret !== undefined && before !== undefined;
    await told(c, {
      action: "identity_provider.saved",
      subject: id,
      before: before ? wordsOf(before) : null,
      after: wordsOf(row) + (isNewSecret ? "; with a new secret" : ""),
    });
  },

  "DELETE /api/sign-in-ways/identity-providers/:id": async (c) => {
    const gone = await store.deleteIdentityProvider(database(c.env.DB), c.req.param("id") ?? "");
    if (!gone) throw new NephosError("not_found", "There is no such provider.");
    await calling(async () => shard(c.env).sessionsEnded(gone.endedIds));
    await told(c, { action: "identity_provider.removed", subject: gone.row.id, before: wordsOf(gone.row) });
  },

  "PUT /api/sign-in-ways/access": async (c, { body: { audience, joinRole, joinDomains, issuer: given } }) => {
    requireDomains({ joinRole, joinDomains });
    const origin = originOf(c);
    const issuer = given.replace(/\/$/, "");
    if (!isAllowedTeam(issuer, origin)) throw invalid("issuer", "must be https://TEAM.cloudflareaccess.com");
    await fit("issuer", () => requireKeys(issuer, origin));
    const db = database(c.env.DB);
    const before = await store.findAccess(db);
    const row = { issuer: new URL(issuer).origin, audience, joinRole, joinDomains };
    await store.saveAccess(db, row);
    await told(c, { action: "access.saved", before: before ? accessWords(before) : null, after: accessWords(row) });
  },

  "DELETE /api/sign-in-ways/access": async (c) => {
    const gone = await store.deleteAccess(database(c.env.DB));
    if (!gone) throw new NephosError("not_found", "Cloudflare Access is not set up.");
    await calling(async () => shard(c.env).sessionsEnded(gone.endedIds));
    await told(c, { action: "access.removed", before: accessWords(gone.row) });
  },
});

const originOf = (c: ApiContext) => new URL(c.req.url).origin;

/** The issuer as it names itself, after asking it. */
async function askedIssuer(issuer: string | undefined, origin: string): Promise<string> {
  if (issuer === undefined) throw invalid("issuer", "must not be missing");
  return (await fit("issuer", () => discover(issuer, origin, Date.now()))).issuer;
}

/** There is one GitHub; on this very machine a stand-in may take its place. */
function githubAt(issuer: string | undefined, origin: string): string {
  if (issuer === undefined || !isAllowedIssuer(issuer, origin)) return GITHUB;
  const url = new URL(issuer);
  return isLoopback(url) ? url.origin : GITHUB;
}

async function secretFor(
  c: ApiContext,
  id: string,
  issuer: string,
  sent: string | undefined,
  before: IdentityProviderRow | undefined,
): Promise<string> {
  if (sent !== undefined) return vaultOf(c.env).seal(sent, identityProviderPurpose(id));
  if (!before) throw invalid("clientSecret", "must not be missing");
  // Whoever may change the issuer must not be able to have the secret sent to one of their own.
  if (before.issuer !== issuer)
    throw invalid("clientSecret", "must be sent with a new issuer: the one kept is another's");
  return before.clientSecret;
}

function requireDomains({ joinRole, joinDomains }: Pick<IdentityProvider, "joinRole" | "joinDomains">): void {
  if (joinRole !== null && joinDomains.length === 0) {
    throw invalid("joinDomains", "must name at least one domain where people may join uninvited");
  }
}

async function fit<Answer>(field: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OutsideProblem)) throw error;
    throw new NephosError("identity_provider_unfit", error.message, {
      field,
      remedy: "Compare the address with what the provider says of itself, then save again.",
    });
  }
}

function invalid(field: string, problem: string): NephosError {
  return new NephosError("invalid_field", `${field}: ${problem}`, {
    field,
    remedy: "Correct this field and send again; nothing of this request was stored.",
  });
}

/** Written down, and seen on the sign-in page at once. */
async function told(c: ApiContext, done: Done): Promise<void> {
  forgetOffers();
  await record(c, done);
}

function withoutSecret({ clientSecret: _clientSecret, ...provider }: IdentityProviderRow): IdentityProvider {
  return provider;
}

function wordsOf({ kind, name, issuer, clientId, ...join }: IdentityProviderRow): string {
  return `${name}: ${kind === "github" ? "GitHub" : "OpenID Connect"} at ${issuer}, client ${clientId}; ${joinWords(join)}`;
}

function accessWords({ issuer, audience, ...join }: store.AccessRow): string {
  return `${issuer}, audience ${audience}; ${joinWords(join)}`;
}

function joinWords({ joinRole, joinDomains }: Pick<IdentityProvider, "joinRole" | "joinDomains">): string {
  return joinRole === null ? "nobody joins uninvited" : `${joinDomains.join(", ")} may join as ${joinRole}`;
}
