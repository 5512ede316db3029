import type { Received } from "./receiver.ts";

/** A letter as it comes out at the other end, by way of whichever service. */
export interface Letter {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

/** What is wrong with it: what a service would refuse, or would let somebody write headers of their own. */
export function complaintsOf({ from, to, subject, text, html, headers }: Letter): string[] {
  const wrong: string[] = [];
  const expect = (isSo: boolean, complaint: string) => void (isSo || wrong.push(complaint));
  expect(/^Nephos <[^\s<>@]+@[^\s<>@]+>$/.test(from), `from ${from}`);
  expect(to.length > 0 && to.length <= 50, `${to.length} recipients`);
  expect(!/\p{Cc}/u.test(subject) && subject.length <= 998, `subject ${JSON.stringify(subject)}`);
  expect(text !== "" && html !== "", "no text, or no HTML");
  expect(Object.keys(headers).length <= 15, "more than 15 headers");
  for (const [name, value] of Object.entries(headers)) {
    expect(/^[A-Za-z0-9-]{1,100}$/.test(name), `a header called ${JSON.stringify(name)}`);
    expect(/^[ -~]{1,870}$/.test(value), `${name}: ${JSON.stringify(value)}`);
    expect(
      !/^(from|to|cc|bcc|subject|date|message-id|reply-to|content-.*)$/i.test(name),
      `${name} is the service's own`,
    );
  }
  expect(headers["Auto-Submitted"] === "auto-generated", "people on holiday would answer it");
  expect(headers["In-Reply-To"] === headers["References"], "two threads");
  return wrong;
}

/** As its reader sees it. */
export function readLetter({ subject, text, headers }: Letter): Omit<Received, "body" | "headers"> {
  return {
    action: headers["X-Nephos-Severity"] === "resolved" ? "resolved" : "told",
    about: /^<incident-(.+)@[a-z0-9.-]+>$/.exec(headers["References"] ?? "")?.[1] ?? null,
    id: headers["X-Nephos-Message"] ?? null,
    read: `${subject}\n${text}`,
    link: /^https?:\S+$/m.exec(text)?.[0] ?? null,
  };
}

/** `code.status@error.example` among the recipients asks for that refusal; addresses are small letters all over. */
export function wantedError(to: readonly string[]): { code: string; status: number } | null {
  const [, code, status] =
    to.map((one) => /^(.+)\.(\d{3})@error\.example$/.exec(one)).find((one) => one !== null) ?? [];
  return code === undefined ? null : { code, status: Number(status) };
}
