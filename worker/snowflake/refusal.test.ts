import { describe, expect, it } from "vitest";
import { snowflakeNamesSchema } from "../../contract/snowflake.ts";
import type { SnowflakeProblemCode } from "../../contract/snowflake-kinds.ts";
import { problemOf } from "./refusal.ts";
import type { Refusal, Refused } from "./refusal-words.ts";

const names = snowflakeNamesSchema.parse({});
const REFUSED: Refused = { account: "myorg-acc", names, endpoint: null, auth: { kind: "key_pair" } };
const SECRET = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl";

type Case = [what: string, said: Partial<Refusal>, code: SnowflakeProblemCode, words: RegExp];

/** As Snowflake words them, by status, code and SQL state. */
const CASES: Case[] = [
  ["a name that is no account", { status: 404 }, "account_unknown", /knows no account myorg-acc.*myorg-myaccount/],
  ["a page for people", { status: 403 }, "account_unknown", /myorg-acc/],
  ["a name that does not resolve", { status: 530, message: "error code: 1016" }, "account_unknown", /myorg-acc/],
  [
    "a trial that has ended",
    {
      status: 422,
      code: "000666",
      sqlState: "57014",
      message: "Your free trial has ended and all of your virtual warehouses have been suspended.",
    },
    "account_suspended",
    /suspended.*billing/,
  ],
  [
    "an account that is suspended",
    { status: 403, code: "390913", message: "Account is suspended." },
    "account_suspended",
    /suspended/,
  ],
  [
    "a key that is not registered",
    { status: 401, code: "390144", message: "JWT token is invalid. [1c2d3e4f-0000-4000-8000-00000000abcd]" },
    "key_refused",
    /NEPHOS_SERVICE.*SYSTEM\$GET_LOGIN_FAILURE_DETAILS\('1c2d3e4f-0000-4000-8000-00000000abcd'\)/,
  ],
  [
    "a user that is locked",
    {
      status: 401,
      code: "390102",
      message: "Your user account has been temporarily locked due to too many failed attempts.",
    },
    "key_refused",
    /disabled or locked.*15 minutes/,
  ],
  [
    "a user that is disabled",
    { status: 401, message: "User access disabled." },
    "key_refused",
    /disabled.*SET DISABLED = FALSE/,
  ],
  [
    "a network policy",
    {
      status: 403,
      code: "390422",
      message: "Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake.",
    },
    "network_refused",
    /network policy.*key pair/,
  ],
  ["a role that the user does not have", { status: 400, code: "390186" }, "role_missing", /NEPHOS_ROLE.*GRANT ROLE/],
  ["a role that is not there", { status: 400, code: "390189" }, "role_missing", /NEPHOS_ROLE/],
  [
    "a warehouse that may not be used",
    { status: 422, code: "390201", message: "The requested warehouse does not exist or not authorized." },
    "warehouse_missing",
    /NEPHOS_WH.*GRANT USAGE/,
  ],
  [
    "no warehouse",
    { status: 422, code: "000606", sqlState: "57P03", message: "No active warehouse selected in the current session." },
    "warehouse_missing",
    /NEPHOS_WH/,
  ],
  [
    "a resource monitor",
    {
      status: 422,
      code: "090073",
      message: "Warehouse 'NEPHOS_WH' cannot be resumed because resource monitor 'M' has exceeded its quota.",
    },
    "warehouse_missing",
    /credits.*next month/,
  ],
  [
    "a database that is not there",
    { status: 422, code: "390201", message: "The requested database does not exist or not authorized." },
    "database_missing",
    /NEPHOS.*setup/,
  ],
  [
    "a schema that is not there",
    {
      status: 422,
      code: "002003",
      sqlState: "02000",
      message: "SQL compilation error:\nSchema 'NEPHOS.LANDING' does not exist or not authorized.",
    },
    "database_missing",
    /NEPHOS/,
  ],
  [
    "a table that is not there",
    {
      status: 422,
      code: "002003",
      sqlState: "42S02",
      message: "SQL compilation error:\nObject 'NEPHOS.PUBLIC.METRICS' does not exist or not authorized.",
    },
    "rights_missing",
    /NEPHOS\.PUBLIC\.METRICS.*setup/,
  ],
  [
    "a right that is missing",
    { status: 422, code: "003001", sqlState: "42501", message: "SQL access control error:\nInsufficient privileges" },
    "rights_missing",
    /ACCOUNTADMIN/,
  ],
  [
    "a model of another region",
    { status: 400, message: '"unknown model" claude-9' },
    "model_missing",
    /SHOW CORTEX BASE MODELS/,
  ],
  [
    "Cortex that is not granted",
    { status: 422, code: "100351", message: "Cortex Complete: not authorized" },
    "cortex_refused",
    /CORTEX_USER/,
  ],
  ["too many requests", { status: 429, code: "390505", message: "Too many requests." }, "rate_limited", /too often/],
  ["a statement that took too long", { status: 408, code: "000630", sqlState: "57014" }, "timed_out", /in time/],
  ["a fault of Snowflake's", { status: 503 }, "unavailable", /status 503/],
  [
    "a statement that it does not understand",
    { status: 422, code: "000904", sqlState: "42000", message: "SQL compilation error:\ninvalid identifier 'X'" },
    "statement_refused",
    /000904\/42000.*invalid identifier/,
  ],
  ["something else altogether", { status: 302 }, "not_understood", /status 302/],
];

describe("a refusal", () => {
  it.each(CASES)("for %s is said in a sentence, with what to do", (_what, said, code, words) => {
    const problem = problemOf(REFUSED, { status: 422, code: "", sqlState: "", message: "", ...said });
    expect(problem.code).toBe(code);
    expect(`${problem.message} ${problem.remedy}`).toMatch(words);
    expect(problem.message).toMatch(/^[A-Zh].*\.$|…$|'X'$/s);
    expect(problem.isPassing).toBe(["rate_limited", "timed_out", "unavailable"].includes(code));
  });

  it.each([
    ["pat", "394400", /programmatic access token.*network policy/],
    ["oauth", "390303", /access token.*security integration/],
    ["oauth", "390318", /access token/],
  ] as const)("of a token names the way in: %s, %s", (kind, code, words) => {
    const said = { status: 401, code, sqlState: "", message: `Invalid token ${SECRET}` };
    const problem = problemOf({ ...REFUSED, auth: { kind } }, said);
    expect(problem.code).toBe("token_refused");
    expect(`${problem.message} ${problem.remedy}`).toMatch(words);
    expect(`${problem.message} ${problem.remedy}`).not.toContain(SECRET);
  });

  it("that quotes at length is cut to a line", () => {
    const message = `Numeric value\n${"x".repeat(5_000)} is not recognized`;
    const problem = problemOf(REFUSED, { status: 422, code: "100038", sqlState: "22018", message });
    expect(problem.message.length).toBeLessThan(300);
    expect(problem.message).not.toContain("\n");
  });
});
