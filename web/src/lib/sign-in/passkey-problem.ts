/** Browsers tell of passkeys in words for programmers, and of a closed window as of a fault. */
export function passkeyProblemInWords(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: string; code?: string };
  if (code === "ERROR_INVALID_DOMAIN" || code === "ERROR_INVALID_RP_ID" || name === "SecurityError") {
    return "Passkeys need HTTPS and the address this Nephos was set up with.";
  }
  if (name === "NotAllowedError" || name === "AbortError") return "No passkey was chosen, or it took too long.";
  if (name === "InvalidStateError") return "There is a passkey for this account on this device already.";
  if (name === "NotSupportedError" || code === "ERROR_AUTHENTICATOR_NO_SUPPORTED_PUBKEYCREDPARAMS_ALG") {
    return "This device cannot make a passkey that fits.";
  }
  return "This browser could not use a passkey here.";
}
