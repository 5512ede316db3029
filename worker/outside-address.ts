import { NephosError } from "./errors.ts";
import { isLoopback, isPublic } from "./public-host.ts";

/** An address that hears a secret has to be on the internet, by HTTPS and without credentials in it, or one that the owner allows. */
export function refuseUnlessOutside(field: string, url: URL, allowsPrivate: boolean, remedy: string): void {
  const isFine = allowsPrivate ? /^https?:$/.test(url.protocol) : url.protocol === "https:" && isPublic(url);
  if (isFine && url.username === "" && url.password === "") return;
  throw new NephosError("invalid_field", `${field}: must be an https address on the internet, without credentials`, {
    field,
    remedy: isLoopback(url)
      ? "For a Nephos that runs at home its owner can allow private targets under Checks, Settings."
      : remedy,
  });
}
