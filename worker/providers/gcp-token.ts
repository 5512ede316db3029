import { z } from "zod";
import { PROVIDERS } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import { isPublic } from "../public-host.ts";
import { unfit, type KeyFile } from "./gcp-key.ts";
import { isTooOften } from "./gcp-refusal.ts";
import { ProviderProblem, type Session } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";

const TOKEN_ADDRESS = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/compute.readonly";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** As long as Google allows. */
const ASSERTION_SECONDS = 3_600;
/** A token is not used so close to its end: a page of the list may take that long. */
const MARGIN_MS = 120_000;
const MEMO = "gcp token";

interface Kept {
  token: string;
  until: EpochMs;
  /** What it was given for: another key or another address needs another token. */
  of: string;
}

const saidSchema = z.object({
  access_token: z.string(),
  expires_in: z.number().positive(),
  token_type: z.string().regex(/^bearer$/i),
});

/** An access token: the one that is remembered, or a new one for the key's signature. */
export async function tokenOf(session: Session<"gcp">, file: KeyFile): Promise<string> {
  const address = addressOf(session, file);
  const of = `${address} ${session.credentials.serviceAccount}`;
  const kept = session.memo.get(MEMO) as Kept | undefined;
  if (kept && kept.of === of && session.now < kept.until) return kept.token;
  const assertion = await signed(file, address, session.now);
  const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const answer = await session.ask(() => new Request(address, { method: "POST", headers, body }), isTooOften);
  if (answer.status !== 200) throw refused(answer);
  const { data } = saidSchema.safeParse(answer.json);
  if (!data) throw notUnderstood(PROVIDERS.gcp, answer);
  const until = session.now + data.expires_in * 1_000 - MARGIN_MS;
  session.memo.set(MEMO, { token: data.access_token, until, of } satisfies Kept);
  return data.access_token;
}

/** Google no longer takes it. */
export function forgetToken({ memo }: Session<"gcp">): void {
  memo.delete(MEMO);
}

/**
 * The key file may have been written by anybody: the address in it counts only where the account has one of its own, be it that of a
 * cloud which Google runs for others. Everybody else's is Google's.
 */
function addressOf({ endpoint }: Session<"gcp">, { tokenUri }: KeyFile): string {
  const url = URL.parse(tokenUri);
  if (endpoint === null || !url || url.username !== "" || url.password !== "") return TOKEN_ADDRESS;
  const isFine = url.origin === new URL(endpoint).origin || (url.protocol === "https:" && isPublic(url));
  return isFine ? tokenUri : TOKEN_ADDRESS;
}

async function signed({ clientEmail, privateKey, privateKeyId: kid }: KeyFile, audience: string, now: EpochMs) {
  const { importPKCS8, SignJWT } = await import("jose");
  const issued = Math.floor(now / 1_000);
  try {
    const key = await importPKCS8(privateKey, "RS256");
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(kid !== undefined && { kid }) })
      .setIssuer(clientEmail)
      .setAudience(audience)
      .setIssuedAt(issued)
      .setExpirationTime(issued + ASSERTION_SECONDS)
      .sign(key);
  } catch {
    throw unfit('The "private_key" in the key file of the Google service account is no key that can sign.');
  }
}

const errorSchema = z.object({ error: z.string() });
/** What OAuth says of who is not let in; `invalid_grant` is Google's for each of them, but for an account that is gone. */
const REFUSALS = ["invalid_grant", "invalid_client", "unauthorized_client", "deleted_client", "disabled_client"];

function refused(answer: Answer): ProviderProblem {
  const code = errorSchema.safeParse(answer.json).data?.error ?? "";
  if (!REFUSALS.includes(code)) return notUnderstood(PROVIDERS.gcp, answer);
  return new ProviderProblem(
    "key_refused",
    "Google does not accept the key of the service account.",
    "In the Google Cloud console under IAM & Admin > Service Accounts, look whether the account is enabled and this key is among its keys; where it is not, add a key and enter its file here. A clock of ours that is wrong would be refused in the same way: Cloudflare sets it.",
  );
}
