import { randomInt } from "node:crypto";

/** A browser without a screen: its own cookies for each host, its own address, and redirects followed one by one. */
export class PlainBrowser {
  readonly origin: string;
  /** As Cloudflare would see it. Each browser its own: what strangers do is counted by it. */
  readonly address = `198.51.${randomInt(256)}.${randomInt(1, 255)}`;
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(origin: string) {
    this.origin = origin;
  }

  cookies(host = new URL(this.origin).host): Map<string, string> {
    let jar = this.#jars.get(host);
    if (!jar) this.#jars.set(host, (jar = new Map()));
    return jar;
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const to = new URL(url, this.origin);
    const headers = new Headers(init.headers);
    const jar = this.cookies(to.host);
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    if (to.origin === this.origin) {
      headers.set("cf-connecting-ip", this.address);
      if (init.method && init.method !== "GET") headers.set("origin", this.origin);
    }
    const reply = await fetch(to, { ...init, headers, redirect: "manual" });
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      const isGone = /max-age=0\b|expires=thu, 01 jan 1970/i.test(cookie);
      if (isGone) jar.delete(name!);
      else jar.set(name!, value!);
    }
    return reply;
  }

  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  async openLink(link: string): Promise<void> {
    const reply = await this.call("POST", "/api/sign-in/link", { token: new URL(link).hash.slice(1) });
    if (!reply.ok) throw new Error(`The link was refused: ${reply.status} ${await reply.text()}`);
  }

  async session(): Promise<{
    id: string;
    way: string;
    person: { id: string; name: string; email: string; role: string };
  } | null> {
    const reply = await this.fetch("/api/session");
    if (reply.status === 401) return null;
    return (await reply.json()) as never;
  }

  /** Leaves for a provider; gives back the address the provider is asked at. */
  async leaveFor(provider: string, more: { next?: string; invitation?: string } = {}): Promise<string> {
    const reply = await this.call("POST", "/api/sign-in/identity-provider", { id: provider, ...more });
    const body = (await reply.json()) as { url?: string };
    if (!reply.ok) throw new Error(`${reply.status} ${JSON.stringify(body)}`);
    return body.url!;
  }

  /** Goes where it is sent, signing in where it is shown a form, until it would come back; gives back that address. */
  async wayBack(url: string, form: Record<string, string> = {}): Promise<string> {
    let at = url;
    for (let hops = 0; hops < 12; hops++) {
      let reply = await this.fetch(at);
      if (reply.status === 200) {
        reply = await this.fetch(at, { method: "POST", body: new URLSearchParams(form) });
      }
      const location = reply.headers.get("location");
      if (location === null) throw new Error(`${at}: ${reply.status} ${(await reply.text()).slice(0, 300)}`);
      at = new URL(location, at).href;
      if (new URL(at).origin === this.origin) return at;
    }
    throw new Error(`Still on the way after 12 hops: ${at}`);
  }

  /** The whole trip; gives back where the callback sends the browser. */
  async signInAt(
    provider: string,
    { account, ...more }: { account?: string; next?: string; invitation?: string } = {},
  ): Promise<string | null> {
    const callback = await this.wayBack(await this.leaveFor(provider, more), account ? { account } : {});
    return (await this.fetch(callback)).headers.get("location");
  }
}
