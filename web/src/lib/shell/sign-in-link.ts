const TOKEN = /^#([A-Za-z0-9_-]{43})$/;

/** The token of a printed link `/sign-in#<token>`, or of an invitation `/join#<token>`; null where there is none, undefined where the link was cut or changed. */
export function tokenOf(hash: string): string | null | undefined {
  if (hash === "" || hash === "#") return null;
  return TOKEN.exec(hash)?.[1];
}

/** Where to go after signing in: a path of this origin, whatever the address claims. */
export function nextPath(wanted: string | null, origin: string): string {
  if (!wanted?.startsWith("/")) return "/";
  const url = new URL(wanted, origin);
  // `//host` and `/\host` begin with a slash as well.
  return url.origin === origin && !url.pathname.startsWith("/sign-in") ? url.pathname + url.search : "/";
}
