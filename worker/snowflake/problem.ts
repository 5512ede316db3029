import type { SnowflakeProblemCode } from "../../contract/snowflake-kinds.ts";

/** Why Snowflake did not answer as hoped; both sentences are fit to be shown, and hold no secret. */
export class SnowflakeProblem extends Error {
  readonly code: SnowflakeProblemCode;
  readonly remedy: string;
  /** It may be otherwise in a while, without anybody doing something. */
  readonly isPassing: boolean;

  constructor(code: SnowflakeProblemCode, message: string, remedy: string, isPassing = PASSING.has(code)) {
    super(message);
    this.name = "SnowflakeProblem";
    this.code = code;
    this.remedy = remedy;
    this.isPassing = isPassing;
  }
}

const PASSING: ReadonlySet<SnowflakeProblemCode> = new Set(["rate_limited", "timed_out", "unavailable"]);
