import type { Operations } from "../../../../contract/operations.ts";
import { spanInWords } from "../chart/resolution.ts";
import { formatRatio } from "../format/ratio.ts";
import { QUOTA_WORDS } from "./quotas.ts";

/** What Nephos does of its own accord so that the day's quota lasts, and why. */
export function thriftInWords({ thrift, flush, limits, today }: Operations): { title: string; text: string } {
  const every = spanInWords(flush.everyMs);
  const { stage, because } = thrift;
  if (stage === "normal") return { title: "Normal", text: `Samples wait up to ${every} for the database.` };
  const share = because && limits[because] > 0 ? formatRatio(today.used[because] / limits[because]) : undefined;
  const reason = because && share ? `, because ${share} of ${QUOTA_WORDS[because].todays} are used` : "";
  return {
    title: stage === "saving" ? "Saving" : "Sparing",
    text:
      `Samples wait up to ${every} for the database instead of ${spanInWords(flush.usualMs)}${reason}. ` +
      "Nothing is lost: agents keep their samples until they are stored, and charts show them at once.",
  };
}
