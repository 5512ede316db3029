/** What happened to an instance. No schema here: the dashboard takes this file and stays small. */
export const INSTANCE_EVENTS = {
  added: "Added",
  renamed: "Renamed",
  changed: "Changed",
  stopped: "Stopped",
  started: "Started",
  gone: "Gone",
  back: "Back",
  merged: "Agent and provider are one machine",
  verdict: "Verdict",
} as const;
export type InstanceEventKind = keyof typeof INSTANCE_EVENTS;
export const INSTANCE_EVENT_KINDS = Object.keys(INSTANCE_EVENTS) as [InstanceEventKind, ...InstanceEventKind[]];
