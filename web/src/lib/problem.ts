import { ApiError } from "./api.ts";

export interface Problem {
  /** The field it is about, where it is about one, with the way to it: `joinDomains[1]`, `target.url`. */
  field: string | undefined;
  text: string;
}

/** What went wrong and what to do about it, fit to be shown beside the field or under the form. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof ApiError)) {
    return { field: undefined, text: error instanceof Error ? error.message : String(error) };
  }
  const { code, field, message, remedy } = error;
  if (code === "invalid_field" && field !== undefined && message.startsWith(`${field}: `)) {
    return { field, text: ended(`It ${message.slice(field.length + 2)}`) };
  }
  return { field, text: [ended(message), remedy].filter(Boolean).join(" ") };
}

function ended(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Whether a problem at `field` is to be told at this field of the form: the same, or the one that holds it. */
export function isWithin(field: string, formField: string): boolean {
  return field === formField || field.startsWith(`${formField}.`) || field.startsWith(`${formField}[`);
}
