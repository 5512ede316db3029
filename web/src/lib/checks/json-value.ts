export type JsonValue = string | number | boolean | null;

/** A value as it is typed: `42`, `true` and `null` are what they look like, `"42"` is text, and so is everything else. */
export function jsonValueOf(text: string): JsonValue {
  const typed = text.trim();
  try {
    const value: unknown = JSON.parse(typed);
    return typeof value === "object" && value !== null ? typed : (value as JsonValue);
  } catch {
    return typed;
  }
}

/** As it can be typed back. */
export function typedJson(value: JsonValue): string {
  const isPlain = typeof value === "string" && jsonValueOf(value) === value;
  return isPlain ? value : JSON.stringify(value);
}
