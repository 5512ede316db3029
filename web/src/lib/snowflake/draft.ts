import type { ConnectSnowflake, Snowflake, SnowflakeNames } from "../../../../contract/snowflake.ts";
import type { SnowflakeAuthKind } from "../../../../contract/snowflake-kinds.ts";
import type { KeyPair } from "./key-pair.ts";

/** What the form holds, before it is a connection. */
export interface ConnectionDraft {
  account: string;
  endpoint: string;
  names: SnowflakeNames;
  kind: SnowflakeAuthKind;
  /** What is there already stays: only where something is connected. */
  keepsAuth: boolean;
  pair: KeyPair | null;
  token: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope: string;
}

export const NAMES_AT_FIRST: SnowflakeNames = {
  user: "NEPHOS_SERVICE",
  role: "NEPHOS_ROLE",
  warehouse: "NEPHOS_WH",
  database: "NEPHOS",
};

export const NAME_LABELS: Record<keyof SnowflakeNames, string> = {
  user: "User",
  role: "Role",
  warehouse: "Warehouse",
  database: "Database",
};

export function draftOf(connection: Snowflake["connection"]): ConnectionDraft {
  return {
    account: connection?.account ?? "",
    endpoint: connection?.endpoint ?? "",
    names: { ...(connection?.names ?? NAMES_AT_FIRST) },
    kind: connection?.auth ?? "key_pair",
    keepsAuth: connection !== null,
    pair: null,
    token: "",
    tokenUrl: "",
    clientId: "",
    clientSecret: "",
    scope: "",
  };
}

export interface Lack {
  field: string;
  text: string;
}

/** The address as it is pasted from the browser is a right one as well; the contract takes it apart in the same way. */
export function accountIn(text: string): string {
  return text
    .trim()
    .replace(/^https?:\/\//, "")
    .replace(/\.snowflakecomputing\.(com|cn).*$/i, "");
}

const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){0,3}$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,254}$/;

/** The first thing that is missing before the SQL can be printed; undefined where nothing is. */
export function lackOfNames({ account, names }: ConnectionDraft): Lack | undefined {
  const named = accountIn(account);
  if (named === "") {
    return {
      field: "account",
      text: "The account is missing. Snowsight shows it under Account, View account details.",
    };
  }
  if (/^app\.snowflake\.com/i.test(named)) {
    return {
      field: "account",
      text: "This is the address of Snowsight. The account is in it: app.snowflake.com/myorg/myaccount is myorg-myaccount.",
    };
  }
  if (!ACCOUNT.test(named)) {
    return {
      field: "account",
      text: "This is no account identifier. It looks like myorg-myaccount, or xy12345.eu-central-1.",
    };
  }
  for (const [name, value] of Object.entries(names)) {
    if (!NAME.test(value.trim())) {
      const label = NAME_LABELS[name as keyof SnowflakeNames].toLowerCase();
      return { field: `names.${name}`, text: `The ${label} is a name of letters, digits, _ and $.` };
    }
  }
  return undefined;
}

/** The first thing that is missing before it can be tried; undefined where nothing is. */
export function lackOf(draft: ConnectionDraft): Lack | undefined {
  const lack = lackOfNames(draft);
  if (lack || draft.keepsAuth) return lack;
  switch (draft.kind) {
    case "key_pair":
      return draft.pair
        ? undefined
        : { field: "auth.privateKey", text: "There is no key yet: make one, or paste yours." };
    case "pat":
      return draft.token.trim() ? undefined : { field: "auth.token", text: "The token is missing." };
    case "oauth": {
      if (!/^https:\/\/\S+$/.test(draft.tokenUrl.trim())) {
        return { field: "auth.tokenUrl", text: "The token endpoint is an address that begins with https://." };
      }
      if (!draft.clientId.trim()) return { field: "auth.clientId", text: "The client id is missing." };
      return draft.clientSecret.trim()
        ? undefined
        : { field: "auth.clientSecret", text: "The client secret is missing." };
    }
  }
}

type Body = Omit<ConnectSnowflake, "auth"> & { auth?: NonNullable<ConnectSnowflake["auth"]> };

/** What is sent to be tried, or to be connected. Only whole drafts are. */
export function bodyOf(draft: ConnectionDraft): Body {
  const auth = authOf(draft);
  return {
    account: accountIn(draft.account),
    names: trimmed(draft.names),
    endpoint: draft.endpoint.trim() || null,
    ...(auth ? { auth } : {}),
  };
}

function authOf(draft: ConnectionDraft): NonNullable<ConnectSnowflake["auth"]> | undefined {
  if (draft.keepsAuth) return undefined;
  switch (draft.kind) {
    case "key_pair":
      return { kind: "key_pair", privateKey: draft.pair?.privateKey ?? "" };
    case "pat":
      return { kind: "pat", token: draft.token.trim() };
    case "oauth": {
      const { tokenUrl, clientId, clientSecret, scope } = draft;
      return {
        kind: "oauth",
        tokenUrl: tokenUrl.trim(),
        clientId: clientId.trim(),
        clientSecret: clientSecret.trim(),
        scope: scope.trim(),
      };
    }
  }
}

export function trimmed(names: SnowflakeNames): SnowflakeNames {
  return Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, value.trim().toUpperCase()]),
  ) as SnowflakeNames;
}

/** The query of the setup SQL, its values encoded. */
export function setupQuery({ names, kind, keepsAuth, pair }: ConnectionDraft): Record<string, string> {
  const query = Object.entries(trimmed(names)).map(([name, value]) => [name, encodeURIComponent(value)]);
  const hasKey = kind === "key_pair" && !keepsAuth && pair !== null;
  return { ...Object.fromEntries(query), ...(hasKey ? { publicKey: encodeURIComponent(pair.publicKey) } : {}) };
}
