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
import { originalInsightsQuerySchema, originalInsightsSchema, originalSummarySchema } from "../original-insights.ts";

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
  "GET /insights": {
    access: viewer("insights:read"),
    says: "Insights, as the original Nephos lists them",
    query: originalInsightsQuerySchema,
    reply: originalInsightsSchema,
  },
  "GET /insights/summary": {
    access: viewer("insights:read"),
    says: "The day in words, as the original tells it",
    reply: originalSummarySchema,
  },
  "GET /insights/patterns": {
    access: viewer("insights:read"),
    says: "What comes back, as the original lists it",
    reply: originalInsightsSchema,
  },
  "GET /insights/anomalies": {
    access: viewer("insights:read"),
    says: "What stood out, as the original lists it",
    reply: originalInsightsSchema,
  },
  "GET /insights/predictions": {
    access: viewer("insights:read"),
    says: "What is foretold, as the original lists it",
    reply: originalInsightsSchema,
  },
  "POST /insights/generate": {
    access: operator("insights:act"),
    says: "Has the fleet looked into anew, and answers what is known meanwhile",
    reply: originalInsightsSchema,
  },
  "POST /insights/summary/generate": {
    access: operator("insights:act"),
    says: "Has the fleet looked into anew, and answers the day in words",
    reply: originalSummarySchema,
  },
} as const satisfies Record<string, Endpoint>;
