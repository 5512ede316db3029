import type { SnowflakeProblem } from "./problem.ts";
import {
  accountUnknown,
  cortexRefused,
  databaseMissing,
  keyRefused,
  modelMissing,
  networkRefused,
  notUnderstood,
  rightsMissing,
  roleMissing,
  signInRefused,
  statementRefused,
  suspended,
  thingMissing,
  timedOut,
  tooOften,
  unavailable,
  userDisabled,
  warehouseMissing,
  warehouseStopped,
  type Refusal,
  type Refused,
} from "./refusal-words.ts";

type Rule = [when: (said: Refusal) => boolean, problem: (refused: Refused, said: Refusal) => SnowflakeProblem];

const code =
  (...codes: string[]) =>
  (said: Refusal) =>
    codes.includes(said.code);
const words = (pattern: RegExp) => (said: Refusal) => pattern.test(said.message);
const either =
  (...tests: Rule[0][]) =>
  (said: Refusal) =>
    tests.some((test) => test(said));

/** The first that holds. Messages are read as well as codes: several codes stand for more than one thing. */
const RULES: readonly Rule[] = [
  [code("390505"), () => tooOften()],
  [either(code("390422"), words(/not allowed to access Snowflake|network policy/i)), networkRefused],
  [either(code("390101", "390102"), words(/\buser\b[^.]{0,80}(disabled|locked)/i)), userDisabled],
  [either(code("000666"), words(/account[^.]{0,40}\b(suspended|locked|disabled)|free trial has ended/i)), suspended],
  [code("390144", "394300", "394302", "394304"), keyRefused],
  [code("390186", "390189"), roleMissing],
  [
    either(code("090105", "090106"), words(/\b(database|schema) .{0,200}(does not exist|not authorized)/i)),
    databaseMissing,
  ],
  [
    either(code("390201", "000606"), words(/\bwarehouse\b[^.]{0,80}(does not exist|not authorized|No active)/i)),
    warehouseMissing,
  ],
  [words(/resource monitor|exceeded its quota/i), warehouseStopped],
  [either(code("000630"), words(/statement or warehouse timeout/i)), () => timedOut()],
  [
    words(
      /unknown model|model[^.]{0,80}(unavailable|not available|not supported|does not exist|not authorized|not found)/i,
    ),
    () => modelMissing(),
  ],
  [words(/cortex[^.]{0,120}(denied|not authorized|not enabled|disabled)|CORTEX_USER/i), cortexRefused],
  [code("002003", "002043"), thingMissing],
  [either(code("003001"), ({ sqlState }) => sqlState === "42501"), rightsMissing],
  [({ status }) => status === 401, signInRefused],
  [({ status, code: said }) => (status === 404 || status === 403) && said === "", accountUnknown],
  [({ status }) => status === 403, rightsMissing],
  [({ status }) => status === 408, () => timedOut()],
  [({ status }) => status === 429, () => tooOften()],
  [({ status, message }) => status === 530 && message.includes("1016"), accountUnknown],
  [
    ({ status }) => status >= 500,
    (_refused, { status }) => unavailable(`Snowflake has a problem of its own (status ${status}).`),
  ],
  [({ status, code: said }) => said !== "" && (status === 422 || status === 400), statementRefused],
];

/** What was said, in a sentence, and what to do about it. */
export function problemOf(refused: Refused, said: Refusal): SnowflakeProblem {
  const rule = RULES.find(([when]) => when(said));
  return rule ? rule[1](refused, said) : notUnderstood(said.status);
}
