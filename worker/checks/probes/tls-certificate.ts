import { X509Certificate } from "node:crypto";
import type { EpochMs } from "../../../contract/units.ts";
import { hostOf, isAddress, urlOfHost } from "../../public-host.ts";
import { lasting } from "../words.ts";
import { quoted } from "./outcome.ts";

/** What a certificate says, and what is wrong with it. */

export interface Certificate {
  endsAt: EpochMs;
  /** Why it is not good for the host now, whoever signed it; undefined where it is. */
  trouble: string | undefined;
  isSelfSigned: boolean;
}

/** Undefined where it cannot be read. */
export function readCertificate(der: Uint8Array, host: string, now: EpochMs): Certificate | undefined {
  try {
    const x509 = new X509Certificate(der);
    const endsAt = Date.parse(x509.validTo);
    return {
      endsAt,
      trouble: troubleOf(x509, host, now),
      isSelfSigned: x509.subject === x509.issuer,
    };
  } catch {
    return undefined;
  }
}

function troubleOf(x509: X509Certificate, host: string, now: EpochMs): string | undefined {
  const endsAt = Date.parse(x509.validTo);
  const beginsAt = Date.parse(x509.validFrom);
  if (endsAt <= now) return `certificate ended ${lasting(now - endsAt)} ago`;
  if (beginsAt > now) return `certificate is good only from ${new Date(beginsAt).toISOString().slice(0, 10)} on`;
  if (isFor(x509, host)) return undefined;
  return `certificate is not for ${host}, but for ${quoted(x509.subjectAltName?.replaceAll(/DNS:|IP Address:/g, "") ?? "no name")}`;
}

/** The name in the subject has not counted for long: browsers look at the alternative names only. */
function isFor(x509: X509Certificate, host: string): boolean {
  const address = addressOf(host);
  return address ? x509.checkIP(address) !== undefined : x509.checkHost(host, { subject: "never" }) !== undefined;
}

/** In its common spelling, IPv6 without brackets; undefined where the host is a name. */
export function addressOf(host: string): string | undefined {
  const url = urlOfHost(host);
  return url && isAddress(url) ? hostOf(url) : undefined;
}
