import { expect } from "vitest";
import type { AuditEntry } from "../contract/audit.ts";
import { Launched } from "./launched.ts";
import { PlainBrowser } from "./plain-browser.ts";

export const REFUSED = "/sign-in?problem=identity_provider_refused";
export const EXPIRED = "/sign-in?problem=step_expired";

/**
 * A Nephos whose ways in are tried, and its owner. The audit log takes ten refusals of a kind in a minute: who tries more than
 * that, and wants to read of each, takes another Nephos.
 */
export class Doors {
  readonly owner: PlainBrowser;
  readonly #nephos: Launched;

  private constructor(nephos: Launched) {
    this.#nephos = nephos;
    this.owner = this.browser();
  }

  static async open(): Promise<Doors> {
    const nephos = await Launched.start("--no-agent");
    const doors = new Doors(nephos);
    await doors.owner.openLink(nephos.link);
    return doors;
  }

  async close(): Promise<void> {
    await this.#nephos.end();
  }

  get callbackUrl(): string {
    return `${this.#nephos.url}/api/sign-in/callback`;
  }

  browser(): PlainBrowser {
    return new PlainBrowser(this.#nephos.url);
  }

  /** A browser with the cookies of another, as a thief would have it. */
  copyOf(cookies: ReadonlyMap<string, string>): PlainBrowser {
    const copy = this.browser();
    for (const [name, value] of cookies) copy.cookies().set(name, value);
    return copy;
  }

  putProvider(id: string, body: Record<string, unknown>): Promise<Response> {
    return this.owner.call("PUT", `/api/sign-in-ways/identity-providers/${id}`, body);
  }

  /** The token of a new invitation. */
  async invite(role: string): Promise<string> {
    const reply = await this.owner.call("POST", "/api/invitations", { role });
    return /[\w-]{43}$/.exec(((await reply.json()) as { link: string }).link)![0];
  }

  async entries(query = ""): Promise<AuditEntry[]> {
    const reply = await this.owner.fetch(`/api/audit${query}`);
    return ((await reply.json()) as { entries: AuditEntry[] }).entries;
  }

  /** What the audit log says of why this browser was turned away. */
  async reasons(of: PlainBrowser): Promise<(string | null)[]> {
    const found = await this.entries(`?action=session.refused&text=${of.address}`);
    // 198.51.0.7 occurs in 198.51.0.77 as well.
    return found.flatMap(({ address, reason }) => (address === of.address ? [reason] : []));
  }

  /** Outside nothing is told; inside, why. */
  async expectRefused(who: PlainBrowser, location: string | null, reason: RegExp): Promise<void> {
    expect(location).toBe(REFUSED);
    expect(await who.session()).toBe(null);
    expect(await this.reasons(who)).toEqual([expect.stringMatching(reason)]);
  }
}

export async function done(reply: Response | Promise<Response>): Promise<void> {
  const { ok, status } = await reply;
  if (!ok) throw new Error(`${status}: ${await (await reply).text()}`);
}
