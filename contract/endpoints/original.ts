import { operator, viewer, type Endpoint } from "../access.ts";
import {
  originalAlertChangeSchema,
  originalAlertSchema,
  originalAlertsQuerySchema,
  originalAlertsSchema,
  originalAnalyticsQuerySchema,
  originalAnalyticsSchema,
  originalDashboardSchema,
  originalInstanceSchema,
  originalInstancesQuerySchema,
  originalInstancesSchema,
  originalMetricsQuerySchema,
  originalMetricsSchema,
} from "../original.ts";

/** The addresses at which the original Nephos was read. A browser that wants a page there gets the dashboard. */
export const ORIGINAL_ENDPOINTS = {
  "GET /instances": {
    access: viewer("fleet:read"),
    says: "Instances, as the original Nephos lists them",
    query: originalInstancesQuerySchema,
    reply: originalInstancesSchema,
  },
  "GET /instances/:id": {
    access: viewer("fleet:read"),
    says: "An instance, as the original Nephos tells of it",
    reply: originalInstanceSchema,
  },
  "GET /metrics": {
    access: viewer("fleet:read"),
    says: "Readings under the original's names and in its units, newest first",
    query: originalMetricsQuerySchema,
    reply: originalMetricsSchema,
  },
  "GET /alerts": {
    access: viewer("alerts:read"),
    says: "Incidents, as the original Nephos lists its alerts",
    query: originalAlertsQuerySchema,
    reply: originalAlertsSchema,
  },
  "GET /alerts/:id": {
    access: viewer("alerts:read"),
    says: "An incident, as the original Nephos tells of an alert",
    reply: originalAlertSchema,
  },
  "PUT /alerts/:id": {
    access: operator("alerts:act"),
    says: "Acknowledges, notes or resolves an incident, as the original changes an alert",
    body: originalAlertChangeSchema,
    reply: originalAlertSchema,
  },
  "GET /analytics": {
    access: viewer("fleet:read"),
    says: "Readings by the hour, and how many instances are well, as the original tells it",
    query: originalAnalyticsQuerySchema,
    reply: originalAnalyticsSchema,
  },
  "GET /analytics/dashboard": {
    access: viewer("fleet:read"),
    says: "The fleet at a glance, as the original tells it",
    reply: originalDashboardSchema,
  },
} as const satisfies Record<string, Endpoint>;
