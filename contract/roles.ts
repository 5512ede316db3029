/** What a person may do here, from least to most: each may all that those before it may. */
export const ROLES = ["viewer", "operator", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** Fit to be shown beside the choice of a role. */
export const ROLE_WORDS: Record<Role, string> = {
  viewer: "sees the fleet, changes nothing",
  operator: "also acts on what goes wrong: acknowledges, silences, runs and pauses checks",
  admin: "also adds and removes instances, checks and provider accounts, and looks after people",
  owner: "everything, the ways to sign in included",
};

/** Only these can be limited to instances with certain tags: who looks after people and agents sees all of them. */
export const TAG_LIMITED_ROLES: readonly Role[] = ["viewer", "operator"];

export function isAtLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

/** What an API token can be made for: an area, to be read or to be changed. Changing does not include reading. */
export const SCOPES = {
  "fleet:read": "read instances, checks, provider accounts, their history and the live socket",
  "fleet:write": "change instances, checks and provider accounts",
  "checks:run": "run, pause and resume checks",
  "alerts:read": "read rules, incidents, silences and channels, without their secrets",
  "alerts:write": "change rules and channels",
  "alerts:act": "acknowledge, silence, send tests, retry notifications",
  "insights:read": "read insights and ask questions",
  "insights:act": "dismiss insights, have the fleet looked into anew",
  "insights:write": "connect Snowflake and change what it is used for",
  "agents:read": "read agent and enrolment tokens, without their secrets",
  "agents:write": "make and revoke agent and enrolment tokens",
  "people:read": "read people and invitations",
  "people:write": "remove people, sign them out, withdraw invitations",
  "audit:read": "read the audit log",
} as const;
export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];
