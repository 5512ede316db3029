import type { Message } from "./message.ts";

/** One letter to all recipients, as every way of sending it takes it. */
export interface Mail {
  from: { name: string; email: string };
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

const SENDER = "Nephos";

/**
 * `Message-ID` is not among the headers: Cloudflare refuses it, SES and Resend write their own over it. So every mail of an incident
 * answers the same letter, which nobody ever sent: mail programs then keep them together (RFC 5322, section 3.6.4).
 */
export function mailOf(message: Message, { from, to }: { from: string; to: readonly string[] }): Mail {
  const { incidentId, subject, text, html } = message;
  return {
    from: { name: SENDER, email: from },
    to: [...to],
    subject: subject.replace(/\p{Cc}+/gu, " "),
    text,
    html,
    headers: {
      // Tells the programs of people on holiday not to answer (RFC 3834).
      "Auto-Submitted": "auto-generated",
      "X-Nephos-Message": word(message.id),
      "X-Nephos-Severity": message.isResolved ? "resolved" : message.severity,
      ...(incidentId !== null && threadOf(incidentId, from)),
    },
  };
}

/** `Nephos <a@example.com>`. */
export function addressLine({ name, email }: Mail["from"]): string {
  return `${name} <${email}>`;
}

function threadOf(incidentId: string, from: string): Record<string, string> {
  const left = `incident-${incidentId.replace(/[^A-Za-z0-9_-]/g, "-")}`;
  const first = `<${left}@${from.slice(from.lastIndexOf("@") + 1)}>`;
  return { "In-Reply-To": first, References: first, "X-Nephos-Incident": word(incidentId) };
}

/** What may stand in a header as it is. */
function word(id: string): string {
  return id.replace(/[^!-~]/g, "-");
}
