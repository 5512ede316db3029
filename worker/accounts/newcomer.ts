import { email as emailSchema, label } from "../../contract/fields.ts";
import type { Person } from "../../contract/people.ts";
import type { Role } from "../../contract/roles.ts";
import type { EpochMs } from "../../contract/units.ts";
import { PEOPLE_MAX } from "../settings.ts";
import type { InvitationRow } from "./table.ts";

/** An account at a provider, as the provider has proved it. */
export interface AccountElsewhere {
  issuer: string;
  subject: string;
  /** Lower case. */
  email: string | null;
  isEmailVerified: boolean;
  name: string | null;
}

/** The way somebody came, and who may join by it without having been invited. */
export interface WayIn {
  providerId: string;
  joinRole: Exclude<Role, "owner"> | null;
  joinDomains: readonly string[];
}

/** What is known here of somebody who comes with an account elsewhere. */
export interface Known {
  /** Whose account it is. */
  person: Person | undefined;
  /** Who has the verified e-mail address. */
  personByEmail: Person | undefined;
  /** The invitation that was shown, whatever its state. */
  shown: InvitationRow | undefined;
  /** The newest invitation to the verified e-mail address. */
  sent: InvitationRow | undefined;
  people: number;
}

export type Decision =
  | { kind: "known"; person: Person }
  | { kind: "link"; person: Person }
  | { kind: "invited"; invitation: InvitationRow }
  | { kind: "join"; role: Exclude<Role, "owner"> }
  | { kind: "refused"; reason: string };

/** Who this is, or becomes. An e-mail address that the provider has not verified says nothing at all. */
export function decide(account: AccountElsewhere, wayIn: WayIn, known: Known, now: EpochMs): Decision {
  if (known.person) return { kind: "known", person: known.person };
  const email = verifiedEmail(account);
  // Before any invitation: whoever has the address is here already, and one human is not to become two people.
  if (email !== null && known.personByEmail) return { kind: "link", person: known.personByEmail };
  const { invitation, problem } = goodInvitation(email, known, now);
  const role = email !== null && wayIn.joinDomains.includes(domainOf(email)) ? wayIn.joinRole : null;
  if (!invitation && role === null) return { kind: "refused", reason: problem ?? whyStranger(account, email) };
  if (known.people >= PEOPLE_MAX) return { kind: "refused", reason: `there are ${PEOPLE_MAX} people already` };
  return invitation ? { kind: "invited", invitation } : { kind: "join", role: role! };
}

export function verifiedEmail({ email, isEmailVerified }: AccountElsewhere): string | null {
  return isEmailVerified ? email : null;
}

/** The account as it is kept: what a provider sends is a stranger's text. */
export function accountElsewhere(told: {
  issuer: string;
  subject: string;
  email: unknown;
  isEmailVerified: boolean;
  name: unknown;
}): AccountElsewhere {
  if (told.subject.length > 255) throw new Error("the subject is longer than 255 characters");
  return {
    ...told,
    email: emailSchema.safeParse(told.email).data ?? null,
    name: label.safeParse(told.name).data ?? null,
  };
}

function goodInvitation(
  email: string | null,
  { shown, sent }: Known,
  now: EpochMs,
): { invitation?: InvitationRow; problem?: string } {
  const problem = shown && problemOf(shown, email, now);
  if (shown && problem === undefined) return { invitation: shown };
  if (sent && problemOf(sent, email, now) === undefined) return { invitation: sent };
  return problem === undefined ? {} : { problem };
}

function problemOf(invitation: InvitationRow, email: string | null, now: EpochMs): string | undefined {
  if (invitation.usedAt !== null) return "the invitation was used already";
  if (invitation.expiresAt <= now) return "the invitation has expired";
  if (invitation.email === null || invitation.email === email) return undefined;
  return email === null
    ? "the invitation is for an e-mail address, and the account has none that is verified"
    : "the invitation is for another e-mail address";
}

function whyStranger({ email }: AccountElsewhere, verified: string | null): string {
  if (verified !== null) return "nobody here has this e-mail address, and it was not invited";
  return email === null
    ? "the account is not known, and has no e-mail address"
    : "the account is not known, and its e-mail address is not verified";
}

function domainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1);
}
