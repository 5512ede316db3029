import { AGAIN, Refusal, SIGN_IN_REMEDY } from "./refusal.ts";
import { jsonOf, masked, tryWrangler } from "./wrangler.ts";

interface Account {
  readonly id: string;
  readonly name: string;
}

const ACCOUNT_ID = /^[0-9a-f]{32}$/;

/** The account to deploy to. */
export async function findAccount(root: string): Promise<Account> {
  const wanted = process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "";
  const token = (process.env["CLOUDFLARE_API_TOKEN"] ?? "") !== "";
  if (wanted !== "" && !ACCOUNT_ID.test(wanted)) {
    throw new Refusal(
      "CLOUDFLARE_ACCOUNT_ID is not an account id.",
      "It has 32 digits and letters a to f; the dashboard shows it on the account's overview. Correct it, " + AGAIN,
    );
  }
  const answer = await tryWrangler(["whoami", "--json"], { root });
  const accounts = answer.code === 0 ? accountsIn(answer.stdout) : undefined;
  if (accounts === undefined) {
    const said = masked(answer.stderr + answer.stdout);
    if (/fetch failed|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(said)) {
      throw new Refusal("Cloudflare could not be reached.", "Check the network and any proxy, " + AGAIN);
    }
    throw new Refusal(
      token ? "Cloudflare does not accept CLOUDFLARE_API_TOKEN." : "You are not signed in to Cloudflare.",
      SIGN_IN_REMEDY,
    );
  }
  return chosen(accounts, wanted);
}

function chosen(accounts: readonly Account[], wanted: string): Account {
  const list = accounts.map((account) => `    ${account.id}  ${account.name}`).join("\n");
  if (wanted !== "") {
    const found = accounts.find((account) => account.id === wanted);
    // A token may be good for an account it may not list.
    if (found !== undefined || accounts.length === 0) return found ?? { id: wanted, name: "your account" };
    throw new Refusal(
      `These credentials do not reach the account ${wanted}. They reach:\n${list}`,
      "Set CLOUDFLARE_ACCOUNT_ID to one of these or use other credentials, " + AGAIN,
    );
  }
  const [first, ...others] = accounts;
  if (first === undefined) {
    throw new Refusal(
      "These credentials name no account.",
      "Give the token the right Account › Account Settings › Read, or set CLOUDFLARE_ACCOUNT_ID, " + AGAIN,
    );
  }
  if (others.length > 0) {
    throw new Refusal(
      `These credentials reach several accounts:\n${list}`,
      "Set CLOUDFLARE_ACCOUNT_ID to the one Nephos shall live in, " + AGAIN,
    );
  }
  return first;
}

function accountsIn(output: string): Account[] | undefined {
  const answer = jsonOf(output, "whoami") as { loggedIn?: boolean; accounts?: Account[] };
  return answer.loggedIn === true ? (answer.accounts ?? []) : undefined;
}
