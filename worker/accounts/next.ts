/** A path of ours to go on to after signing in, whatever was asked for: never an address of somebody else. */
export function localPath(next: string | undefined, origin: string): string {
  if (!next?.startsWith("/")) return "/";
  const url = URL.parse(next, origin);
  if (!url || url.origin !== origin) return "/";
  const path = url.pathname + url.search + url.hash;
  // `/.//host` is a path of ours when it is read, and `//host` once it is written down again.
  return path.startsWith("//") ? "/" : path;
}
