import { z } from "zod";
import { epochMs } from "./fields.ts";
import { REGION_NAMES } from "./regions.ts";
import { UPTIME_SPANS, type UptimeSpan } from "./uptime.ts";

export { REGION_NAMES, REGIONS, type Region } from "./regions.ts";
export { UPTIME_SPANS, uptimeRatio, type UptimeSpan } from "./uptime.ts";

/**
 * What is true of a check or an instance, as far as can be told. `down` takes a quorum of regions, or two independent witnesses;
 * whatever fails on our own side is `unsure`. Null where nothing has looked yet.
 */
export const VERDICTS = ["up", "degraded", "down", "unsure"] as const;
export type Verdict = (typeof VERDICTS)[number];
export const verdictName = z.enum(VERDICTS, `must be one of ${VERDICTS.join(", ")}`);

export const regionName = z.enum(REGION_NAMES, `must be one of ${REGION_NAMES.join(", ")}`);

/** Who was heard before the verdict, and what they said. */
export const witnessSchema = z.object({
  kind: z.enum(["region", "provider", "agent", "check", "heartbeat"]),
  name: z.string().meta({ description: "A region's code, an account's, agent's or check's name" }),
  says: z.enum(["up", "slow", "down", "nothing"]).meta({ description: "`nothing`: it could not tell" }),
  words: z.string().meta({ description: "Fit to be read: `refused the connection`, `silent for 7 min`" }),
  at: epochMs,
});
export type Witness = z.infer<typeof witnessSchema>;

export const judgementSchema = z.object({
  verdict: verdictName,
  since: epochMs.meta({ description: "When the verdict became this one" }),
  reason: z.string().meta({ description: "In one line: `HTTPS refused from 3 of 3 regions`" }),
  witnesses: z.array(witnessSchema),
});
export type Judgement = z.infer<typeof judgementSchema>;

/** Seconds of a span by what was true; `unknown` is time in which nobody could tell, and is left out of the ratio. */
export const uptimeSchema = z.object({
  upSeconds: z.number(),
  degradedSeconds: z.number(),
  downSeconds: z.number(),
  unknownSeconds: z.number(),
});
export type Uptime = z.infer<typeof uptimeSchema>;

const spans = Object.fromEntries(Object.keys(UPTIME_SPANS).map((span) => [span, uptimeSchema])) as Record<
  UptimeSpan,
  typeof uptimeSchema
>;

export const uptimeReportSchema = z.object({
  spans: z.object(spans).meta({ description: "The last 24 hours, and so many days with today" }),
  days: z.array(uptimeSchema.extend({ day: z.iso.date() })).meta({
    description: "The last 90 days (UTC), oldest first, today the last; days before the first round are absent",
  }),
});
export type UptimeReport = z.infer<typeof uptimeReportSchema>;
