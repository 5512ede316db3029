import { CHANNEL_SECRETS, type ChannelConfig } from "../../contract/channels.ts";

/** Receivers say in their errors what they were asked for (`Cannot POST /services/T000/B000/KEY`): what of it is secret is not shown. */

const HIDDEN = "****";
/** What is shorter is a word that stands elsewhere too. */
const LENGTH_MIN = 6;
/** A part of an address that is as long is a key, not a name. */
const KEY_LENGTH_MIN = 16;

/** `text` without what is secret of the channel: as it was entered, as it stands in an address, and cut off at the end. */
export function withoutSecrets(text: string, config: ChannelConfig): string {
  const fields = config as unknown as Record<string, unknown>;
  const secrets = CHANNEL_SECRETS[config.kind].flatMap((name) => partsOf(fields[name]));
  // The longest first: what is left of it would still tell.
  const hidden = [...new Set(secrets.flatMap(writings))]
    .filter(({ length }) => length >= LENGTH_MIN)
    .sort((a, b) => b.length - a.length);
  return hidden.reduce((shown, secret) => withoutEnd(shown.replaceAll(secret, HIDDEN), secret), text);
}

function partsOf(secret: unknown): string[] {
  if (typeof secret !== "string") return [];
  const url = /^https?:\/\//i.test(secret) ? URL.parse(secret) : null;
  if (!url) return [secret];
  const { href, pathname, search, searchParams } = url;
  const keys = [...pathname.split("/"), ...searchParams.values()].filter(({ length }) => length >= KEY_LENGTH_MIN);
  return [secret, href, `${pathname}${search}`, pathname, search, ...keys];
}

/** In an address, in HTML, and bare. */
function writings(secret: string): string[] {
  return [secret, decoded(secret), encodeURIComponent(secret), secret.replaceAll("&", "&amp;")];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a provider says is cut where it is long, maybe within the secret. */
function withoutEnd(text: string, secret: string): string {
  if (!text.includes("…")) return text;
  for (let length = secret.length - 1; length >= LENGTH_MIN; length--) {
    const cut = `${secret.slice(0, length)}…`;
    if (text.includes(cut)) return text.replaceAll(cut, `${HIDDEN}…`);
  }
  return text;
}
