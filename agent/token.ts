/** What the settings are for: `print` asks nobody, so it needs neither address nor token. */
export type Purpose = "send" | "enrol" | "print";

const WHOLE = /^ne[ep]_[A-Za-z0-9_-]{43}$/;

/** Good for one thing: being exchanged for the agent's own. */
export function isEnrolmentToken(text: string): boolean {
  return text.startsWith("nee_");
}

/** The agent's own, bound to its instance. */
export function isOwnToken(text: string): boolean {
  return text.startsWith("nep_");
}

/** As the edge makes them. What goes on standard output and from there into a file of root's is held against it. */
export function isWholeToken(text: string): boolean {
  return WHOLE.test(text);
}

/** Why this token cannot be used for this, and what to do; undefined where it can. */
export function faultOfToken(text: string, purpose: Purpose): { complaint: string; remedy: string } | undefined {
  // The log puts stars in its place wherever it occurs, so it must not be a word that occurs by chance.
  if (!/^[\x21-\x7e]{8,}$/.test(text)) {
    return { complaint: "is too short or holds a space or an odd character", remedy: "Copy it again, whole." };
  }
  if (purpose === "send" && isEnrolmentToken(text)) {
    return {
      complaint: "is an enrolment token, and only good for being exchanged for the agent's own",
      remedy:
        "Exchange it with nephos-agent --enrol and set what that prints, or use the install line from the dashboard.",
    };
  }
  if (purpose !== "enrol" || isOwnToken(text) || (isEnrolmentToken(text) && isWholeToken(text))) return undefined;
  return {
    complaint: isEnrolmentToken(text)
      ? "is not a whole enrolment token"
      : "is neither an enrolment token nor an agent's own",
    remedy: "Copy it again from the dashboard, whole, or make a new install line there.",
  };
}
