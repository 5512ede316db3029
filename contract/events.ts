import { z } from "zod";
import { INSTANCE_EVENT_KINDS } from "./event-kinds.ts";
import { epochMs } from "./fields.ts";

export { INSTANCE_EVENTS, INSTANCE_EVENT_KINDS, type InstanceEventKind } from "./event-kinds.ts";

export const instanceEventSchema = z.object({
  at: epochMs,
  kind: z.enum(INSTANCE_EVENT_KINDS),
  /** What of it: `plan`, `addresses`, a verdict's reason. */
  what: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type InstanceEvent = z.infer<typeof instanceEventSchema>;
