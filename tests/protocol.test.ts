import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ENDPOINTS, type Access, type Endpoint } from "../contract/api.ts";

/** Who may enter, as docs/protocol.md says it. */
function whoMay(access: Access): string {
  if (access === "public") return "anybody";
  if (access === "door") return "anybody, from our page";
  if (access === "enrolment") return "enrolment token";
  const role = access.isFresh ? `${access.role}, fresh` : access.role;
  return access.scope === null ? role : `${role}; \`${access.scope}\``;
}

it("docs/protocol.md tells of every endpoint who may enter and what for", () => {
  const text = readFileSync(join(import.meta.dirname, "../docs/protocol.md"), "utf8");
  const rows = [...text.matchAll(/^\| `((?:GET|POST|PUT|PATCH|DELETE) \/\S+)`\s*\| (.*?)\s*\| (.*?)\s*\|$/gm)];
  const told = rows.map(([, name, who, what]) => ({ name, who, what }));
  const wanted = (Object.entries(ENDPOINTS) as [string, Endpoint][]).map(([name, { access, says }]) => ({
    name,
    who: whoMay(access),
    what: says,
  }));
  expect(told).toEqual(wanted);
});
