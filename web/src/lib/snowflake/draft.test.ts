import { describe, expect, test } from "vitest";
import { connectSnowflakeSchema, snowflakeSetupQuerySchema } from "../../../../contract/snowflake.ts";
import { accountIn, bodyOf, type ConnectionDraft, draftOf, lackOf, NAMES_AT_FIRST, setupQuery } from "./draft.ts";

const pair = {
  privateKey: "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n",
  publicKey: "MIIB+/AB==",
  fingerprint: "SHA256:x",
};
const draft = (over: Partial<ConnectionDraft> = {}): ConnectionDraft => ({
  ...draftOf(null),
  account: "myorg-myaccount",
  pair,
  ...over,
});

test("the usual names are those of the server", () => {
  expect(snowflakeSetupQuerySchema.parse({})).toEqual(NAMES_AT_FIRST);
});

test.each([
  "myorg-myaccount",
  "xy12345.eu-central-1",
  " https://myorg-myaccount.snowflakecomputing.com/console/login ",
  "xy12345.eu-central-1.snowflakecomputing.com",
  "my account",
  "-x",
  "a.b.c.d.e",
  "äcme",
])("%j is an account here where it is one to the server", (account) => {
  const told = connectSnowflakeSchema.safeParse({ account, names: {} });
  expect(lackOf(draft({ account })) === undefined).toBe(told.success);
  if (told.success) expect(accountIn(account)).toBe(told.data.account);
});

test("the address of Snowsight is answered with where the account is in it", () => {
  expect(lackOf(draft({ account: "https://app.snowflake.com/myorg/myaccount" }))).toMatchObject({
    field: "account",
    text: expect.stringContaining("myorg-myaccount"),
  });
});

test("a name that Snowflake would not take is refused at its field", () => {
  expect(lackOf(draft({ names: { ...NAMES_AT_FIRST, warehouse: "my-wh" } }))).toMatchObject({
    field: "names.warehouse",
  });
});

describe("each way in", () => {
  test.each([
    [draft({ pair: null }), "auth.privateKey"],
    [draft({ kind: "pat" }), "auth.token"],
    [draft({ kind: "oauth", tokenUrl: "login" }), "auth.tokenUrl"],
    [draft({ kind: "oauth", tokenUrl: "https://login", clientId: "" }), "auth.clientId"],
    [draft({ kind: "oauth", tokenUrl: "https://login", clientId: "x" }), "auth.clientSecret"],
  ])("says what it lacks (%#)", (incomplete, field) => expect(lackOf(incomplete)?.field).toBe(field));

  test.each([
    draft(),
    draft({ kind: "pat", token: " secret " }),
    draft({ kind: "oauth", tokenUrl: "https://login.example.com/token", clientId: "x", clientSecret: "y" }),
  ])("is taken by the server as it is sent (%#)", (whole) => {
    expect(lackOf(whole)).toBeUndefined();
    expect(connectSnowflakeSchema.parse(bodyOf(whole)).auth?.kind).toBe(whole.kind);
  });
});

test("what is kept already is not sent, and not lacked", () => {
  const kept = draftOf({
    account: "a",
    names: NAMES_AT_FIRST,
    auth: "pat",
    fingerprint: null,
    endpoint: null,
    connectedAt: 0,
    problem: null,
  });
  expect(lackOf(kept)).toBeUndefined();
  expect(bodyOf(kept)).toEqual({ account: "a", names: NAMES_AT_FIRST, endpoint: null });
});

test("the SQL is asked for with these names and the public half, never the private one", () => {
  const query = setupQuery(draft({ names: { ...NAMES_AT_FIRST, user: " robot " } }));
  expect(query).toMatchObject({ user: "ROBOT", publicKey: encodeURIComponent(pair.publicKey) });
  expect(JSON.stringify(query)).not.toContain("PRIVATE");
  expect(setupQuery(draft({ kind: "pat" }))).not.toHaveProperty("publicKey");
});
