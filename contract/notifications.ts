import { z } from "zod";
import { epochMs } from "./fields.ts";

/** What goes out to a channel: the outbox and the log in one. */
export const NOTIFICATION_KINDS = [
  "firing",
  "worsened",
  "reopened",
  "members",
  "reminder",
  "resolved",
  "digest",
  "trouble",
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** `dropped`: nobody needs it any more, and why stands with it. */
export const NOTIFICATION_STATES = ["waiting", "sent", "parked", "dropped"] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

export const shownNotificationSchema = z.object({
  id: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  incidentId: z.string().nullable(),
  title: z.string(),
  kind: z.enum(NOTIFICATION_KINDS),
  state: z.enum(NOTIFICATION_STATES),
  createdAt: epochMs,
  /** When it is tried next, or may be sent at all. */
  nextAt: epochMs.nullable(),
  sentAt: epochMs.nullable(),
  attempts: z.int(),
  /** What the channel's provider said last: an id, or why not. */
  answer: z.string().nullable(),
});
export type ShownNotification = z.infer<typeof shownNotificationSchema>;

export const notificationListQuerySchema = z.object({
  state: z.enum(NOTIFICATION_STATES).optional(),
  channelId: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});
export const notificationListSchema = z.object({ now: epochMs, notifications: z.array(shownNotificationSchema) });
export const notificationActionsSchema = z.object({
  ids: z.array(z.string()).min(1).max(200),
  action: z.enum(["retry", "discard"]),
});
