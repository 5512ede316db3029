import { describe, expect, it } from "vitest";
import { scopeSchema } from "../../contract/rules.ts";
import { coversSubject, type SubjectFacts } from "./scope.ts";

const WEB: SubjectFacts = {
  subject: "web-1",
  instanceId: "web-1",
  tags: ["prod", "web"],
  provider: "vultr",
  region: "ewr",
};
const CHECK_OF_WEB: SubjectFacts = { ...WEB, subject: "check:shop", tags: ["shop"] };
const LOOSE_CHECK: SubjectFacts = {
  subject: "check:blog",
  instanceId: null,
  tags: [],
  provider: null,
  region: null,
};

type Row = [scope: object, web: boolean, check: boolean, loose: boolean];
const ROWS: Row[] = [
  [{}, true, true, true],
  [{ tags: ["prod"] }, true, false, false],
  [{ tags: ["other", "web"] }, true, false, false],
  [{ tags: ["shop"] }, false, true, false],
  [{ tags: ["pro"] }, false, false, false],
  [{ providers: ["vultr"] }, true, true, false],
  [{ providers: ["aws"] }, false, false, false],
  [{ providers: ["aws", "vultr"] }, true, true, false],
  [{ regions: ["ewr"] }, true, true, false],
  [{ regions: ["ams"] }, false, false, false],
  [{ subjects: ["web-1"] }, true, true, false],
  [{ subjects: ["check:shop"] }, false, true, false],
  [{ subjects: ["check:blog"] }, false, false, true],
  [{ subjects: ["web-10", "web"] }, false, false, false],
  [{ subjects: ["web-1"], tags: ["prod"] }, true, false, false],
  [{ subjects: ["web-1"], tags: ["test"] }, false, false, false],
  [{ providers: ["vultr"], regions: ["ams"] }, false, false, false],
  [{ providers: ["vultr"], regions: ["ams", "ewr"], tags: ["web", "shop"], subjects: ["web-1"] }, true, true, false],
];

describe("a scope covers who is in each of its lists that is not empty", () => {
  it.each(ROWS)("%o: a machine %s, its check %s, a check of no machine %s", (given, web, check, loose) => {
    const scope = scopeSchema.parse(given);
    expect([WEB, CHECK_OF_WEB, LOOSE_CHECK].map((facts) => coversSubject(scope, facts))).toEqual([web, check, loose]);
  });
});
