/** What a test may order of the Snowflake outside, and what it tells; free of imports, so that tests inside workerd can name it. */

/** What is wrong with it now. */
export interface SnowflakeFault {
  kind:
    /** 429, `390505`. */
    | "too_often"
    /** 5xx, a page of a load balancer. */
    | "failing"
    /** A page for people: what a name that is no account answers. */
    | "html"
    /** Takes the request and never answers. */
    | "silent"
    /** 202 until it was asked {@link polls} times; the statement is only then carried out. */
    | "slow"
    /** Hangs up in the middle of its answer, after all was done. */
    | "cut"
    /** Hangs up without an answer, after all was done. */
    | "lost"
    /** 408, nothing done. */
    | "statement_times_out"
    /** 422, `000666`: nobody pays. */
    | "account_suspended"
    /** 422, `090073`: the resource monitor's credits are used up. */
    | "credits_spent"
    /** 401, `390144`, whatever was signed. */
    | "key_refused"
    /** 401 to what was good a moment ago: the scoped token, the access token. */
    | "expired"
    /** 403, `390422`: a network policy. */
    | "address_refused"
    /** Answers {@link status} and {@link body}. */
    | "says";
  /** For so many requests; absent: until it is taken away. */
  times?: number;
  /** Only for requests whose name contains this; the names are those of {@link SnowflakeTold.asked}. */
  on?: string;
  retryAfter?: string;
  status?: number;
  polls?: number;
  body?: unknown;
}

/** What a model says to a prompt that contains `when` (the empty one is in every prompt). */
export interface ScriptedAnswer {
  when: string;
  /** Text, or what is written as JSON. */
  says: unknown;
}

/** `POST /__control`. Parts that are absent stay as they are. */
export interface SnowflakeOrders {
  fault?: SnowflakeFault | null;
  /** The clock, in milliseconds since 1970: tokens expire by it, warehouses fall asleep by it, `SYSDATE()` tells it. Null: the machine's. */
  now?: number | null;
  /** Statements in Snowflake's dialect, run one after the other by ACCOUNTADMIN, as in a worksheet. */
  paste?: string;
  /** One statement, run by ACCOUNTADMIN; its rows are in {@link SnowflakeTold.rows}. */
  query?: string;
  /** Takes a right from the role of Nephos: `{ privilege: "INSERT", on: "LANDING.METRICS" }`, `{ privilege: "USAGE", on: "NEPHOS_WH" }`, `{ privilege: "CORTEX_USER" }`. */
  forget?: { privilege: string; on?: string };
  /** The models of the region; the others are refused. */
  models?: string[];
  script?: ScriptedAnswer[];
  /** Rows in one partition of an answer. */
  partitionRows?: number;
  /** The names of the streaming endpoints answer in plain text, as some captures show, and not in JSON, as the reference has it. */
  isStreamingPlain?: boolean;
  /** The list of models holds objects with a `name` and not names alone: public captures show both. */
  areModelsObjects?: boolean;
}

export interface SnowflakeRequest {
  /** `POST statements`, `GET statements`, `POST cancel`, `GET hostname`, `POST token`, `POST rows`, `POST complete`, `GET models`. */
  name: string;
  at: number;
  requestId: string | null;
  isRetry: boolean;
  /** Bytes on the wire. */
  bytes: number;
  status: number;
}

export interface ExecutedStatement {
  sql: string;
  bindings: Record<string, { type: string; value: string | null }>;
  role: string;
  warehouse: string | null;
  at: number;
  /** The code it ended with: `090001` where all was well. */
  code: string;
  queryTag: string | null;
}

/** `GET /__control`, and the answer to orders. */
export interface SnowflakeTold {
  /** `NEPHOS-TEST`: organization and name. */
  account: string;
  user: string;
  role: string;
  warehouse: string;
  database: string;
  /** PKCS#8 in PEM: what signs for the user. */
  privateKey: string;
  /** What `setup.sql` takes as `{{PUBLIC_KEY}}`. */
  publicKey: string;
  /** Programmatic access token and OAuth token that are good. */
  pat: string;
  oauth: string;
  /** Requests by name. */
  asked: Record<string, number>;
  requests: SnowflakeRequest[];
  /** What came in by the SQL API and was carried out, in order: a repetition that was recognized is not here. */
  statements: ExecutedStatement[];
  /** Statements that reached ACCOUNTADMIN by orders are not among them. */
  warehouses: Record<string, { resumes: number; billedSeconds: number; isRunning: boolean }>;
  /** What models were asked, by which way, and tokens as they are billed (roughly: four characters each). */
  completions: {
    model: string;
    by: "sql" | "rest";
    prompt: string;
    said: string;
    promptTokens: number;
    completionTokens: number;
  }[];
  /** Models that were trained. */
  trainings: { kind: "FORECAST" | "ANOMALY_DETECTION"; name: string; rows: number; series: number }[];
  /** By table, with every repetition. */
  rowsLanded: Record<string, number>;
  /** What a landing row lacked: such rows are left out without a word to who sent them. */
  rowsDropped: { table: string; row: string; why: string }[];
  /** What was sent to it and should not have been so. */
  complaints: string[];
  /** Of the last order's `query`: by column, values as JSON has them. */
  rows: Record<string, unknown>[];
  /** Why the last `paste` or `query` failed. */
  problem: string | null;
}
