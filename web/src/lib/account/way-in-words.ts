import type { Way } from "../../../../contract/people.ts";

export const WAY_WORDS: Record<Way, string> = {
  link: "printed link",
  invitation: "invitation",
  passkey: "passkey",
  password: "password",
  identity_provider: "account elsewhere",
  access: "Cloudflare Access",
};
