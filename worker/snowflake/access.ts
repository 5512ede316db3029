import type { SnowflakeAuth, SnowflakeNames } from "../../contract/snowflake.ts";

/** A connection with its secret, as it is used; never kept or logged in this form. */
export interface SnowflakeAccess {
  /** As it was entered: `myorg-myaccount`, or a locator with its region. */
  account: string;
  names: SnowflakeNames;
  /** The API's address, where it is not the account's own. */
  endpoint: string | null;
  auth: SnowflakeAuth;
}

/** Where the account is asked, without a slash at the end. Certificates hold no names with underscores, so hyphens stand for them. */
export function baseUrlOf({ account, endpoint }: Pick<SnowflakeAccess, "account" | "endpoint">): string {
  if (endpoint !== null) return endpoint.replace(/\/+$/, "");
  const host = isOfOrganization(account) ? account.replaceAll(".", "-") : account;
  return `https://${host.toLowerCase().replaceAll("_", "-")}.snowflakecomputing.com`;
}

/**
 * How the account is called in a token (SQL API, "Using key-pair authentication"): upper case; of a locator without the region behind it;
 * of an account in an organization with a hyphen between them.
 */
export function accountInToken(account: string): string {
  const name = account.toUpperCase();
  if (isOfOrganization(account)) return name.replaceAll(".", "-");
  return name.endsWith(".GLOBAL") ? name.split("-")[0]! : name.split(".")[0]!;
}

/** `myorg.myaccount`: two names, where behind a locator there are regions, which have a hyphen, and clouds. */
function isOfOrganization(account: string): boolean {
  const [first, second, ...more] = account.split(".");
  return (
    more.length === 0 &&
    second !== undefined &&
    !/-/.test(`${first}${second}`) &&
    !/^(privatelink|global)$/i.test(second)
  );
}
