import { snowflakeNamesSchema, type SnowflakeNames } from "../../contract/snowflake.ts";

/** What the setup is made out for. */
export interface SetupWishes {
  names: SnowflakeNames;
  /** Base64 of the DER form on one line or several; null where signing in is by a token. */
  publicKey: string | null;
  /** Credits a month after which the warehouse stops. */
  creditQuota: number;
}

/** A warehouse that starts every hour uses some 12 credits a month; all else together a few. */
export function creditQuotaOf(settings: { exportWay: string; exportEveryHours: number; isExportOn: boolean }): number {
  return settings.isExportOn && settings.exportWay === "merge" && settings.exportEveryHours === 1 ? 25 : 10;
}

/**
 * The text of `snowflake/setup.sql` with these names and this key. Nothing else gets in: names are checked to be plain identifiers, the key
 * to be base64, the quota to be a number. Throws an `Error` where one is not, or where the text wants something that is not known here.
 */
export function setupSql(text: string, { names, publicKey, creditQuota }: SetupWishes): string {
  const { database, warehouse, role, user } = snowflakeNamesSchema.parse(names);
  const key = publicKey?.replace(/\s+/g, "") ?? "";
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(key)) throw new Error("The public key is not base64.");
  if (!Number.isInteger(creditQuota) || creditQuota < 1) throw new Error("The credit quota is no whole number.");
  const values: Record<string, string> = {
    DATABASE: database,
    WAREHOUSE: warehouse,
    ROLE: role,
    USER: user,
    PUBLIC_KEY: key,
    CREDIT_QUOTA: String(creditQuota),
  };
  return text
    .split("\n")
    .filter((line) => !/^--.*\{\{|^-- The dashboard fills/.test(line))
    .filter((line) => key !== "" || !line.includes("{{PUBLIC_KEY}}"))
    .join("\n")
    .replace(/\{\{(\w*)\}\}/g, (_all, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`The setup wants {{${name}}}, which is not known here.`);
      return value;
    });
}
