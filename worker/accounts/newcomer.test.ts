import { describe, expect, it } from "vitest";
import type { Person } from "../../contract/people.ts";
import { PEOPLE_MAX } from "../settings.ts";
import { accountElsewhere, decide, type AccountElsewhere, type Known, type WayIn } from "./newcomer.ts";
import type { InvitationRow } from "./table.ts";

const now = 1_000_000;
const account: AccountElsewhere = {
  issuer: "https://id.example.com",
  subject: "1",
  email: "ann@example.com",
  isEmailVerified: true,
  name: "Ann",
};
const unverified = { ...account, isEmailVerified: false };
const closed: WayIn = { providerId: "id", joinRole: null, joinDomains: [] };
const open: WayIn = { providerId: "id", joinRole: "operator", joinDomains: ["example.com"] };
const nobody: Known = { person: undefined, personByEmail: undefined, shown: undefined, sent: undefined, people: 1 };
const ann: Person = { id: "a", name: "Ann", email: "ann@example.com", role: "viewer", tags: null };
const invitation: InvitationRow = {
  id: "i",
  hash: "h",
  email: null,
  role: "admin",
  tags: null,
  invitedBy: "o",
  createdAt: 0,
  expiresAt: now + 1,
  usedAt: null,
};

describe("who comes with an account elsewhere", () => {
  it("is whose account it is, whatever its e-mail address has become", () => {
    const known = { ...nobody, person: ann, personByEmail: { ...ann, id: "b" } };
    expect(decide(unverified, closed, known, now)).toEqual({ kind: "known", person: ann });
  });

  it("is who has the verified address, also where an invitation was shown", () => {
    const known = { ...nobody, personByEmail: ann, shown: invitation };
    expect(decide(account, closed, known, now)).toEqual({ kind: "link", person: ann });
  });

  it("joins by the invitation that was shown, before any other", () => {
    const sent = { ...invitation, id: "j", email: account.email };
    const known = { ...nobody, shown: invitation, sent };
    expect(decide(account, open, known, now)).toEqual({ kind: "invited", invitation });
    expect(decide(unverified, open, known, now)).toEqual({ kind: "invited", invitation });
  });

  it("joins by an invitation to an address only with that address, verified", () => {
    const shown = { ...invitation, email: "ann@example.com" };
    expect(decide(account, closed, { ...nobody, shown }, now)).toEqual({ kind: "invited", invitation: shown });
    expect(decide(unverified, closed, { ...nobody, shown }, now)).toMatchObject({ kind: "refused" });
    const other = { ...account, email: "eve@example.com" };
    expect(decide(other, closed, { ...nobody, shown }, now)).toEqual({
      kind: "refused",
      reason: "the invitation is for another e-mail address",
    });
  });

  it("does not join by an invitation that was used or has expired, but still by one sent to the address", () => {
    const sent = { ...invitation, id: "j", email: account.email };
    for (const shown of [
      { ...invitation, usedAt: 1 },
      { ...invitation, expiresAt: now },
    ]) {
      expect(decide(account, closed, { ...nobody, shown }, now)).toMatchObject({ kind: "refused" });
      expect(decide(account, closed, { ...nobody, shown, sent }, now)).toEqual({ kind: "invited", invitation: sent });
    }
  });

  it("joins by the domain of a verified address, exactly that", () => {
    expect(decide(account, open, nobody, now)).toEqual({ kind: "join", role: "operator" });
    expect(decide(unverified, open, nobody, now)).toMatchObject({ kind: "refused" });
    for (const email of [
      "ann@sub.example.com",
      "ann@badexample.com",
      "example.com@evil.org",
      "ann@example.com.evil.org",
    ]) {
      expect(decide({ ...account, email }, open, nobody, now), email).toMatchObject({ kind: "refused" });
    }
    expect(decide({ ...account, email: '"a@example.com"@evil.org' }, open, nobody, now)).toMatchObject({
      kind: "refused",
    });
    expect(decide(account, { ...open, joinRole: null }, nobody, now)).toMatchObject({ kind: "refused" });
  });

  it("is refused where there are as many people as there may be, unless known", () => {
    const full = { ...nobody, people: PEOPLE_MAX };
    expect(decide(account, open, full, now)).toMatchObject({ kind: "refused" });
    expect(decide(account, open, { ...full, shown: invitation }, now)).toMatchObject({ kind: "refused" });
    expect(decide(account, open, { ...full, personByEmail: ann }, now)).toMatchObject({ kind: "link" });
  });

  it("is told apart from a stranger without an address in the audit log alone", () => {
    const reasons = [account, unverified, { ...account, email: null }].map((it) => {
      const decision = decide(it, closed, nobody, now);
      return decision.kind === "refused" ? decision.reason : "";
    });
    expect(new Set(reasons).size).toBe(3);
  });
});

it("an account is kept with a clean name and an address in lower case, or without", () => {
  const told = { issuer: "https://id.example.com", subject: "1", isEmailVerified: true };
  expect(accountElsewhere({ ...told, email: " Ann@Example.COM ", name: " Ann " })).toMatchObject({
    email: "ann@example.com",
    name: "Ann",
  });
  for (const odd of [undefined, null, 7, {}, "", "no address", "a\u0000@b.c", "x".repeat(300)]) {
    expect(accountElsewhere({ ...told, email: odd, name: null }).email).toBe(null);
  }
  for (const odd of [undefined, null, 7, {}, "", "A\u0007", "x".repeat(300)]) {
    expect(accountElsewhere({ ...told, email: null, name: odd }).name).toBe(null);
  }
  expect(() => accountElsewhere({ ...told, subject: "x".repeat(256), email: null, name: null })).toThrow("subject");
});
