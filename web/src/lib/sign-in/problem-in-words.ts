/** What a provider's way back brings along: a code in the address, which says the same of nearly every reason. */
const WORDS: Record<string, string> = {
  identity_provider_refused:
    "That account did not let you in. It may not be known here, or you stopped on the way. Try again, use another way, or ask for an invitation.",
  step_expired: "That took too long. Please begin again.",
};

export function problemInWords(code: string | null): string | undefined {
  if (code === null) return undefined;
  return WORDS[code] ?? "Signing in did not work. Try again, or use another way.";
}
