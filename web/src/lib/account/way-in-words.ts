import type { Way } from "../../../../contract/people.ts";

export const WAY_WORDS: Record<Way, string> = {
  link: "printed link",
  invitation: "invitation",
  passkey: "passkey",
  password: "password",
  provider: "provider",
  access: "Cloudflare Access",
};
