/** States and events of incidents. No schema here: the dashboard takes this file and stays small. */
export const INCIDENT_STATES = ["open", "acknowledged", "resolved"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const INCIDENT_EVENTS = {
  opened: "Opened",
  joined: "Another one",
  worsened: "Became critical",
  eased: "Is a warning now",
  acknowledged: "Acknowledged",
  unacknowledged: "No longer acknowledged",
  noted: "Noted",
  recovered: "One has recovered",
  resolved: "Resolved",
  reopened: "Again",
  silenced: "Silenced",
  spoken: "No longer silenced",
} as const;
export type IncidentEventKind = keyof typeof INCIDENT_EVENTS;
export const INCIDENT_EVENT_KINDS = Object.keys(INCIDENT_EVENTS) as [IncidentEventKind, ...IncidentEventKind[]];

export const INCIDENTS_PAGE_MAX = 100;
/** Members that one incident shows. */
export const INCIDENT_MEMBERS_SHOWN_MAX = 5_000;
export const INCIDENT_NOTE_LENGTH_MAX = 1_000;
