import { ENROLMENT_USES_MAX } from "../../../../contract/limits.ts";

/** How long an enrolment token may be good for, in hours. */
export const LIVES = [
  { value: "1", label: "1 hour" },
  { value: "24", label: "24 hours" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
] as const;
export type Life = (typeof LIVES)[number]["value"];

/** How many machines were typed; undefined where that is no number to be had. */
export function machinesOf(typed: string): number | undefined {
  const count = Number(typed.trim());
  return typed.trim() !== "" && Number.isInteger(count) && count >= 1 && count <= ENROLMENT_USES_MAX
    ? count
    : undefined;
}
