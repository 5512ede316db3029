/** The tables that rows land in, as snowflake/setup.sql makes them: their columns, and the key by which the views read a row once. */

export type ColumnType = "VARCHAR" | "FLOAT" | "NUMBER" | "TIMESTAMP_NTZ" | "VARIANT";

export interface LandingTable {
  /** In schema LANDING. */
  name: string;
  key: readonly string[];
  columns: Readonly<Record<string, ColumnType>>;
}

export const METRICS: LandingTable = {
  name: "METRICS",
  key: ["INSTANCE_ID", "METRIC_NAME", "TIMESTAMP"],
  columns: {
    INSTANCE_ID: "VARCHAR",
    METRIC_NAME: "VARCHAR",
    TIMESTAMP: "TIMESTAMP_NTZ",
    METRIC_VALUE: "FLOAT",
    MIN_VALUE: "FLOAT",
    MAX_VALUE: "FLOAT",
    SAMPLE_COUNT: "NUMBER",
    UNIT: "VARCHAR",
    EXPORTED_AT: "TIMESTAMP_NTZ",
  },
};

export const HEALTH_CHECKS: LandingTable = {
  name: "HEALTH_CHECKS",
  key: ["CHECK_ID", "TIMESTAMP"],
  columns: {
    CHECK_ID: "VARCHAR",
    INSTANCE_ID: "VARCHAR",
    STATUS: "VARCHAR",
    LATENCY_MS: "FLOAT",
    ERROR_MESSAGE: "VARCHAR",
    TIMESTAMP: "TIMESTAMP_NTZ",
    EXPORTED_AT: "TIMESTAMP_NTZ",
  },
};

export const ALERTS: LandingTable = {
  name: "ALERTS",
  key: ["ID"],
  columns: {
    ID: "VARCHAR",
    INSTANCE_ID: "VARCHAR",
    ALERT_TYPE: "VARCHAR",
    SEVERITY: "VARCHAR",
    MESSAGE: "VARCHAR",
    STATUS: "VARCHAR",
    CREATED_AT: "TIMESTAMP_NTZ",
    UPDATED_AT: "TIMESTAMP_NTZ",
    RESOLVED_AT: "TIMESTAMP_NTZ",
    ACKNOWLEDGED_AT: "TIMESTAMP_NTZ",
    TITLE: "VARCHAR",
    RULE_NAME: "VARCHAR",
    SUBJECT: "VARCHAR",
    MEMBER_COUNT: "NUMBER",
    TAGS: "VARIANT",
    EXPORTED_AT: "TIMESTAMP_NTZ",
  },
};

export const INSTANCES: LandingTable = {
  name: "INSTANCES",
  key: ["ID"],
  columns: {
    ID: "VARCHAR",
    NAME: "VARCHAR",
    TYPE: "VARCHAR",
    STATUS: "VARCHAR",
    REGION: "VARCHAR",
    ENDPOINT: "VARCHAR",
    METADATA: "VARIANT",
    CREATED_AT: "TIMESTAMP_NTZ",
    UPDATED_AT: "TIMESTAMP_NTZ",
    LAST_HEALTH_CHECK: "TIMESTAMP_NTZ",
    REMOVED_AT: "TIMESTAMP_NTZ",
    EXPORTED_AT: "TIMESTAMP_NTZ",
  },
};

export const AI_INSIGHTS: LandingTable = {
  name: "AI_INSIGHTS",
  key: ["ID"],
  columns: {
    ID: "VARCHAR",
    INSIGHT_TYPE: "VARCHAR",
    SEVERITY: "VARCHAR",
    TITLE: "VARCHAR",
    DESCRIPTION: "VARCHAR",
    AFFECTED_INSTANCES: "VARIANT",
    METRICS_ANALYZED: "VARIANT",
    CONFIDENCE_SCORE: "FLOAT",
    RECOMMENDATIONS: "VARCHAR",
    CREATED_AT: "TIMESTAMP_NTZ",
    EXPIRES_AT: "TIMESTAMP_NTZ",
    METADATA: "VARIANT",
    EXPORTED_AT: "TIMESTAMP_NTZ",
  },
};
