import { ENDPOINTS, type Access, type Endpoint } from "../contract/api.ts";
import { isAtLeast, ROLES, type Role } from "../contract/roles.ts";
import { seedApiToken, seedPerson, seedSession } from "./people.ts";
import type { Workerd } from "./workerd.ts";

type Headers = Record<string, string>;

/** Somebody who asks. `role` is null for strangers; tokens have every scope but the one the endpoint asks for. */
interface Caller {
  name: string;
  role: Role | null;
  via: "nothing" | "browser" | "token" | "forgery";
}

const CALLERS: readonly Caller[] = [
  { name: "stranger", role: null, via: "nothing" },
  { name: "forged cookie", role: null, via: "forgery" },
  ...ROLES.map((role): Caller => ({ name: role, role, via: "browser" })),
  ...ROLES.map((role): Caller => ({ name: `${role}'s API token without the scope`, role, via: "token" })),
];

/** What takes samples is for agents alone, and stands in no table. */
const AGENTS_ONLY = ["POST /ingest", "POST /ingest/vultr"];
/** Names nothing that exists, so that whom the table lets in changes nothing. */
const NO_ID = "00000000-0000-4000-8000-000000000000";
const MALFORMED = "{}";

/**
 * Every address with every kind of caller: who should be refused, by the table's own words, must be. Counts the combinations,
 * those that got a 2xx all the same, and those let past the gate, which is anything but 401 and 403.
 */
export async function walkRoutes({ url: { app, d1 } }: Workerd): Promise<Record<string, number>> {
  const people = new Map<Role, string>();
  for (const role of ROLES) people.set(role, await seedPerson(d1, role));
  let combinations = 0;
  const wrong: string[] = [];
  let unexpected2xx = 0;
  const rows = Object.entries<Endpoint>(ENDPOINTS).map(([name, { access }]) => ({ name, access }));
  for (const { name, access } of [...rows, ...AGENTS_ONLY.map((name) => ({ name, access: "agents" as const }))]) {
    for (const caller of CALLERS) {
      const [method, path] = name.split(" ") as [string, string];
      // Each its own sender, so that none is refused for asking often, and its own session, since some of these end it.
      const headers: Headers = {
        origin: app,
        "content-type": "application/json",
        "cf-connecting-ip": `192.0.${2 + (combinations >> 8)}.${combinations & 255}`,
        ...(await credentials(d1, caller, people, access)),
      };
      const body = method === "GET" || method === "DELETE" ? {} : { body: MALFORMED };
      const reply = await fetch(app + path.replace(":id", NO_ID), { method, headers, redirect: "manual", ...body });
      await reply.arrayBuffer();
      combinations++;
      const signsIn = reply.headers.getSetCookie().some((cookie) => cookie.startsWith("nephos_session=") && reply.ok);
      if (mayEnter(caller, access) && !(access === "door" && signsIn)) continue;
      if (reply.ok || reply.status === 101) unexpected2xx++;
      if (reply.status !== 401 && reply.status !== 403) wrong.push(`${name} let in ${caller.name}: ${reply.status}`);
    }
  }
  console.error(`routes  ${combinations} combinations, ${unexpected2xx} of them 2xx that should not be`);
  for (const line of wrong) console.error(`        ${line}`);
  return { routesTimesRoles: combinations, unexpected2xx, pastTheGate: wrong.length };
}

function mayEnter({ role, via }: Caller, access: Access | "agents"): boolean {
  if (access === "public" || access === "door") return true;
  if (access === "enrolment" || access === "agents") return false;
  // A token lacks the scope, and where none would do there is none to have.
  return via === "browser" && role !== null && isAtLeast(role, access.role);
}

async function credentials(
  d1: string,
  { role, via }: Caller,
  people: Map<Role, string>,
  access: Access | "agents",
): Promise<Headers> {
  if (via === "forgery") return { cookie: `nephos_session=${"A".repeat(43)}.${"A".repeat(43)}%3D` };
  if (role === null) return {};
  const personId = people.get(role)!;
  if (via === "browser") return { cookie: await seedSession(d1, personId) };
  const scope = typeof access === "object" ? access.scope : null;
  return { authorization: `Bearer ${await seedApiToken(d1, personId, scope)}` };
}
