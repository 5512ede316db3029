/** What is pushed (worker/notify/channels/webpush.ts), and the notification made of it. */

/** `renotify` is not in every list of types yet. */
export interface ShownOptions {
  body: string;
  icon: string;
  badge: string;
  tag: string;
  renotify: boolean;
  requireInteraction: boolean;
  data: { url: string };
}

/** A push that cannot be read is shown all the same: a browser that shows nothing loses its subscription. */
export function shownOf(text: string): { title: string; options: ShownOptions } {
  const { title, body, url, tag, severity, isResolved } = read(text);
  return {
    title: line(title) || "Nephos",
    options: {
      body: line(body) || "Something happened. Open Nephos to see what.",
      icon: "/favicon.svg",
      badge: "/favicon.svg",
      // One notification for each incident: what comes later takes the place of what came before, and is heard.
      tag: line(tag) || "nephos",
      renotify: true,
      requireInteraction: severity === "critical" && isResolved !== true,
      data: { url: line(url) || "/" },
    },
  };
}

/** The page on this origin that a pushed address means; never another origin's. */
export function addressOf(url: string, origin: string): string {
  const own = new URL(origin);
  try {
    const { pathname, search, hash } = new URL(url, origin);
    Object.assign(own, { pathname, search, hash });
  } catch {
    // No address at all: the first page.
  }
  return own.href;
}

/** Whether two addresses lead to the same page, whatever is open or chosen on it. */
export function isSamePage(address: string, other: string): boolean {
  const [page, otherPage] = [address, other].map((whole) => whole.replace(/[?#].*$/, ""));
  return page === otherPage;
}

function read(text: string): Record<string, unknown> {
  try {
    const pushed: unknown = JSON.parse(text);
    return typeof pushed === "object" && pushed !== null ? (pushed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const line = (value: unknown) => (typeof value === "string" ? value : "");
