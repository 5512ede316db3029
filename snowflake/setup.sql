-- Prepares a Snowflake account for Nephos. Paste all of it into a worksheet, as somebody who may use ACCOUNTADMIN.
-- It may be run again at any time: nothing that holds data is replaced.
--
-- The dashboard fills these in; by hand, replace them yourself. Names are plain identifiers, in upper case:
--   {{DATABASE}}      NEPHOS
--   {{WAREHOUSE}}     NEPHOS_WH       starts for each statement that reads; a minute of an XS warehouse is the least it costs
--   {{ROLE}}          NEPHOS_ROLE     all that Nephos may do
--   {{USER}}          NEPHOS_SERVICE  who Nephos signs in as; has no password
--   {{PUBLIC_KEY}}    the public half of its RSA key: base64 on one line, without the BEGIN and END lines
--   {{CREDIT_QUOTA}}  credits a month after which the warehouse stops, 1 or more; 10 is a cautious beginning
--
-- How it is laid out. Nephos writes to the tables of schema LANDING, and whoever reads, reads the views of the same names in
-- schema PUBLIC. A row may land more than once (Snowpipe Streaming promises at least once) and may land again with newer content;
-- of the rows of one key, the view shows the one with the latest EXPORTED_AT. So it reads the same whichever way rows came.
-- Text has no length here: a row whose text were too long would be left out without a word.
-- All times are UTC without a zone: compare them with SYSDATE(), not with CURRENT_TIMESTAMP().

USE ROLE ACCOUNTADMIN;

-- The warehouse ----------------------------------------------------------------------------------------------------------------

-- Stops the warehouse only: Snowpipe Streaming and Cortex are billed apart from it.
CREATE RESOURCE MONITOR IF NOT EXISTS {{WAREHOUSE}}_MONITOR WITH
  CREDIT_QUOTA = {{CREDIT_QUOTA}}
  FREQUENCY = MONTHLY
  START_TIMESTAMP = IMMEDIATELY
  TRIGGERS ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND ON 110 PERCENT DO SUSPEND_IMMEDIATE;
ALTER RESOURCE MONITOR {{WAREHOUSE}}_MONITOR SET CREDIT_QUOTA = {{CREDIT_QUOTA}};

CREATE WAREHOUSE IF NOT EXISTS {{WAREHOUSE}}
  WAREHOUSE_SIZE = XSMALL
  AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE
  INITIALLY_SUSPENDED = TRUE
  COMMENT = 'Nephos: questions, forecasts, MERGE';
ALTER WAREHOUSE {{WAREHOUSE}} SET
  AUTO_SUSPEND = 60
  AUTO_RESUME = TRUE
  STATEMENT_TIMEOUT_IN_SECONDS = 600
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 60
  RESOURCE_MONITOR = {{WAREHOUSE}}_MONITOR;

-- The database -----------------------------------------------------------------------------------------------------------------

CREATE DATABASE IF NOT EXISTS {{DATABASE}};
-- A day of Time Travel: the most that every edition has, and enough to undo a mistake.
ALTER DATABASE {{DATABASE}} SET DATA_RETENTION_TIME_IN_DAYS = 1 COMMENT = 'Nephos: what the fleet did';
USE DATABASE {{DATABASE}};
CREATE SCHEMA IF NOT EXISTS PUBLIC;
CREATE SCHEMA IF NOT EXISTS LANDING;

-- Every landing table carries EXPORTED_AT: when Nephos made the row. It only ever rises: what is sent
-- again later carries a later one.

-- Key: INSTANCE_ID, METRIC_NAME, TIMESTAMP. One series of one instance over five minutes.
CREATE TABLE IF NOT EXISTS LANDING.METRICS (
  INSTANCE_ID VARCHAR NOT NULL,         -- an instance, or `check:...` for what is only looked at from outside
  METRIC_NAME VARCHAR NOT NULL,         -- the series key: cpu_busy_ratio, filesystem_used_ratio:/var
  TIMESTAMP TIMESTAMP_NTZ(3) NOT NULL,  -- when the five minutes began
  METRIC_VALUE FLOAT NOT NULL,          -- the mean; of a counter, the last value
  MIN_VALUE FLOAT,                      -- null of a counter
  MAX_VALUE FLOAT,
  SAMPLE_COUNT NUMBER(10, 0) NOT NULL,  -- how many samples it was made of
  UNIT VARCHAR,                         -- a base unit: ratio, bytes, bytes/s, seconds, count, bool
  EXPORTED_AT TIMESTAMP_NTZ(3) NOT NULL
);
-- Rows land in the order of time, so this is cheap to keep; a forecast reads one metric of many instances over many days.
ALTER TABLE LANDING.METRICS CLUSTER BY (TO_DATE(TIMESTAMP), METRIC_NAME);

-- Key: CHECK_ID, TIMESTAMP. What a check found over five minutes.
CREATE TABLE IF NOT EXISTS LANDING.HEALTH_CHECKS (
  CHECK_ID VARCHAR NOT NULL,
  INSTANCE_ID VARCHAR,      -- null where the check looks at no instance
  STATUS VARCHAR NOT NULL,  -- healthy, degraded, unhealthy, unknown
  LATENCY_MS FLOAT,         -- null where nothing answered
  ERROR_MESSAGE VARCHAR,
  TIMESTAMP TIMESTAMP_NTZ(3) NOT NULL,
  EXPORTED_AT TIMESTAMP_NTZ(3) NOT NULL
);
ALTER TABLE LANDING.HEALTH_CHECKS CLUSTER BY (TO_DATE(TIMESTAMP));

-- Key: ID. An incident as it was when it was exported.
CREATE TABLE IF NOT EXISTS LANDING.ALERTS (
  ID VARCHAR NOT NULL,
  INSTANCE_ID VARCHAR,          -- null where it is about several, or about none
  ALERT_TYPE VARCHAR NOT NULL,  -- the kind of its rule
  SEVERITY VARCHAR NOT NULL,    -- critical, high (a warning)
  MESSAGE VARCHAR,              -- the reason, in words
  STATUS VARCHAR NOT NULL,      -- active, acknowledged, resolved
  CREATED_AT TIMESTAMP_NTZ(3) NOT NULL,
  UPDATED_AT TIMESTAMP_NTZ(3) NOT NULL,
  RESOLVED_AT TIMESTAMP_NTZ(3),
  ACKNOWLEDGED_AT TIMESTAMP_NTZ(3),
  TITLE VARCHAR,
  RULE_NAME VARCHAR,
  SUBJECT VARCHAR,              -- what it is about: an instance, a check, an account
  MEMBER_COUNT NUMBER(10, 0),   -- how many instances and checks belong to it
  TAGS VARIANT,                 -- array of words
  EXPORTED_AT TIMESTAMP_NTZ(3) NOT NULL
);

-- Key: ID. An instance as it was when it was exported.
CREATE TABLE IF NOT EXISTS LANDING.INSTANCES (
  ID VARCHAR NOT NULL,
  NAME VARCHAR NOT NULL,
  TYPE VARCHAR NOT NULL,
  STATUS VARCHAR NOT NULL,      -- healthy, degraded, unhealthy, unknown
  REGION VARCHAR,
  ENDPOINT VARCHAR,
  METADATA VARIANT,             -- object: provider, plan, price, hostname, os, cpu_count, memory_total_bytes, tags
  CREATED_AT TIMESTAMP_NTZ(3) NOT NULL,
  UPDATED_AT TIMESTAMP_NTZ(3) NOT NULL,
  LAST_HEALTH_CHECK TIMESTAMP_NTZ(3),
  REMOVED_AT TIMESTAMP_NTZ(3),  -- when it left the fleet; its history stays
  EXPORTED_AT TIMESTAMP_NTZ(3) NOT NULL
);

-- Key: ID. An insight with what it rests on.
CREATE TABLE IF NOT EXISTS LANDING.AI_INSIGHTS (
  ID VARCHAR NOT NULL,
  INSIGHT_TYPE VARCHAR NOT NULL,  -- pattern, anomaly, prediction, summary
  SEVERITY VARCHAR,
  TITLE VARCHAR NOT NULL,
  DESCRIPTION VARCHAR NOT NULL,
  AFFECTED_INSTANCES VARIANT,     -- array of instance ids
  METRICS_ANALYZED VARIANT,       -- array of series keys
  CONFIDENCE_SCORE FLOAT,         -- 0 to 1, computed; null where nothing was
  RECOMMENDATIONS VARCHAR,
  CREATED_AT TIMESTAMP_NTZ(3) NOT NULL,
  EXPIRES_AT TIMESTAMP_NTZ(3),
  METADATA VARIANT,               -- object: engine, evidence
  EXPORTED_AT TIMESTAMP_NTZ(3) NOT NULL
);

-- What is read -----------------------------------------------------------------------------------------------------------------
-- COPY GRANTS: what you granted to others on a view outlives its replacement.
-- Filter by a key's columns where you can: such a filter may be applied before the rows are told apart, as it is by these columns
-- that they are.

CREATE OR REPLACE VIEW PUBLIC.METRICS COPY GRANTS AS
SELECT
  INSTANCE_ID || '/' || METRIC_NAME || '/' || DATE_PART(EPOCH_SECOND, TIMESTAMP) AS ID,
  INSTANCE_ID,
  TIMESTAMP,
  METRIC_NAME,
  METRIC_VALUE,
  UNIT,
  OBJECT_CONSTRUCT(
    'metric', SPLIT_PART(METRIC_NAME, ':', 1),
    'dimension', NULLIF(SUBSTR(METRIC_NAME, LENGTH(SPLIT_PART(METRIC_NAME, ':', 1)) + 2), '')
  ) AS TAGS,
  EXPORTED_AT AS CREATED_AT,
  MIN_VALUE,
  MAX_VALUE,
  SAMPLE_COUNT
FROM LANDING.METRICS
QUALIFY ROW_NUMBER() OVER (PARTITION BY INSTANCE_ID, METRIC_NAME, TIMESTAMP ORDER BY EXPORTED_AT DESC) = 1;

CREATE OR REPLACE VIEW PUBLIC.HEALTH_CHECKS COPY GRANTS AS
SELECT
  CHECK_ID || '/' || DATE_PART(EPOCH_MILLISECOND, TIMESTAMP) AS ID,
  INSTANCE_ID,
  STATUS,
  LATENCY_MS,
  ERROR_MESSAGE,
  TIMESTAMP,
  CHECK_ID
FROM LANDING.HEALTH_CHECKS
QUALIFY ROW_NUMBER() OVER (PARTITION BY CHECK_ID, TIMESTAMP ORDER BY EXPORTED_AT DESC) = 1;

CREATE OR REPLACE VIEW PUBLIC.ALERTS COPY GRANTS AS
SELECT
  ID,
  INSTANCE_ID,
  ALERT_TYPE,
  SEVERITY,
  MESSAGE,
  STATUS,
  CREATED_AT,
  UPDATED_AT,
  RESOLVED_AT,
  ACKNOWLEDGED_AT,
  TITLE,
  RULE_NAME,
  SUBJECT,
  MEMBER_COUNT,
  TAGS
FROM LANDING.ALERTS
QUALIFY ROW_NUMBER() OVER (PARTITION BY ID ORDER BY EXPORTED_AT DESC) = 1;

CREATE OR REPLACE VIEW PUBLIC.INSTANCES COPY GRANTS AS
SELECT
  ID,
  NAME,
  TYPE,
  STATUS,
  REGION,
  ENDPOINT,
  METADATA,
  CREATED_AT,
  UPDATED_AT,
  LAST_HEALTH_CHECK,
  REMOVED_AT
FROM LANDING.INSTANCES
QUALIFY ROW_NUMBER() OVER (PARTITION BY ID ORDER BY EXPORTED_AT DESC) = 1;

CREATE OR REPLACE VIEW PUBLIC.AI_INSIGHTS COPY GRANTS AS
SELECT
  ID,
  INSIGHT_TYPE,
  SEVERITY,
  TITLE,
  DESCRIPTION,
  AFFECTED_INSTANCES,
  METRICS_ANALYZED,
  CONFIDENCE_SCORE,
  RECOMMENDATIONS,
  CREATED_AT,
  EXPIRES_AT,
  METADATA
FROM LANDING.AI_INSIGHTS
QUALIFY ROW_NUMBER() OVER (PARTITION BY ID ORDER BY EXPORTED_AT DESC) = 1;

-- Means are weighted by how many samples went into each; a counter is best read by its LATEST_VALUE.
-- Columns carry their table's name here: without it, Snowflake might take the new column of the same name.
CREATE OR REPLACE VIEW PUBLIC.METRICS_HOURLY COPY GRANTS AS
SELECT
  M.INSTANCE_ID,
  M.METRIC_NAME,
  DATE_TRUNC('HOUR', M.TIMESTAMP) AS HOUR,
  SUM(M.METRIC_VALUE * M.SAMPLE_COUNT) / SUM(M.SAMPLE_COUNT) AS AVG_VALUE,
  MAX(COALESCE(M.MAX_VALUE, M.METRIC_VALUE)) AS MAX_VALUE,
  MIN(COALESCE(M.MIN_VALUE, M.METRIC_VALUE)) AS MIN_VALUE,
  STDDEV(M.METRIC_VALUE) AS STDDEV_VALUE,
  SUM(M.SAMPLE_COUNT) AS SAMPLE_COUNT,
  MAX_BY(M.METRIC_VALUE, M.TIMESTAMP) AS LATEST_VALUE
FROM PUBLIC.METRICS M
GROUP BY M.INSTANCE_ID, M.METRIC_NAME, DATE_TRUNC('HOUR', M.TIMESTAMP);

CREATE OR REPLACE VIEW PUBLIC.METRICS_DAILY COPY GRANTS AS
SELECT
  M.INSTANCE_ID,
  M.METRIC_NAME,
  DATE_TRUNC('DAY', M.TIMESTAMP) AS DAY,
  SUM(M.METRIC_VALUE * M.SAMPLE_COUNT) / SUM(M.SAMPLE_COUNT) AS AVG_VALUE,
  MAX(COALESCE(M.MAX_VALUE, M.METRIC_VALUE)) AS MAX_VALUE,
  MIN(COALESCE(M.MIN_VALUE, M.METRIC_VALUE)) AS MIN_VALUE,
  STDDEV(M.METRIC_VALUE) AS STDDEV_VALUE,
  SUM(M.SAMPLE_COUNT) AS SAMPLE_COUNT,
  MAX_BY(M.METRIC_VALUE, M.TIMESTAMP) AS LATEST_VALUE
FROM PUBLIC.METRICS M
GROUP BY M.INSTANCE_ID, M.METRIC_NAME, DATE_TRUNC('DAY', M.TIMESTAMP);

CREATE OR REPLACE VIEW PUBLIC.ACTIVE_ALERTS COPY GRANTS AS
SELECT * FROM PUBLIC.ALERTS WHERE STATUS = 'active';

-- The last hour of every instance that is still in the fleet; CPU and memory in percent, as these two columns always were.
CREATE OR REPLACE VIEW PUBLIC.INSTANCE_HEALTH COPY GRANTS AS
SELECT
  I.ID,
  I.NAME,
  I.TYPE,
  I.STATUS,
  I.REGION,
  I.LAST_HEALTH_CHECK,
  COALESCE(A.ACTIVE_ALERTS_COUNT, 0) AS ACTIVE_ALERTS_COUNT,
  M.AVG_CPU,
  M.AVG_MEMORY,
  M.LAST_METRIC_TIME
FROM PUBLIC.INSTANCES I
LEFT JOIN (
  SELECT INSTANCE_ID, COUNT(*) AS ACTIVE_ALERTS_COUNT FROM PUBLIC.ACTIVE_ALERTS GROUP BY INSTANCE_ID
) A ON A.INSTANCE_ID = I.ID
LEFT JOIN (
  SELECT
    INSTANCE_ID,
    AVG(CASE WHEN METRIC_NAME = 'cpu_busy_ratio' THEN METRIC_VALUE END) * 100 AS AVG_CPU,
    AVG(CASE WHEN METRIC_NAME = 'memory_used_ratio' THEN METRIC_VALUE END) * 100 AS AVG_MEMORY,
    MAX(TIMESTAMP) AS LAST_METRIC_TIME
  FROM PUBLIC.METRICS
  WHERE TIMESTAMP > DATEADD(HOUR, -1, SYSDATE())
  GROUP BY INSTANCE_ID
) M ON M.INSTANCE_ID = I.ID
WHERE I.REMOVED_AT IS NULL;

-- Who may do what --------------------------------------------------------------------------------------------------------------

CREATE ROLE IF NOT EXISTS {{ROLE}} COMMENT = 'Nephos: write what lands, read what is shown, forecast';

GRANT USAGE ON WAREHOUSE {{WAREHOUSE}} TO ROLE {{ROLE}};
GRANT USAGE ON DATABASE {{DATABASE}} TO ROLE {{ROLE}};
GRANT USAGE ON SCHEMA LANDING TO ROLE {{ROLE}};
GRANT USAGE ON SCHEMA PUBLIC TO ROLE {{ROLE}};

-- INSERT is all that Snowpipe Streaming needs; MERGE looks first and corrects.
GRANT SELECT, INSERT, UPDATE ON TABLE LANDING.METRICS TO ROLE {{ROLE}};
GRANT SELECT, INSERT, UPDATE ON TABLE LANDING.HEALTH_CHECKS TO ROLE {{ROLE}};
GRANT SELECT, INSERT, UPDATE ON TABLE LANDING.ALERTS TO ROLE {{ROLE}};
GRANT SELECT, INSERT, UPDATE ON TABLE LANDING.INSTANCES TO ROLE {{ROLE}};
GRANT SELECT, INSERT, UPDATE ON TABLE LANDING.AI_INSIGHTS TO ROLE {{ROLE}};

GRANT SELECT ON VIEW PUBLIC.METRICS TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.HEALTH_CHECKS TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.ALERTS TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.INSTANCES TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.AI_INSIGHTS TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.METRICS_HOURLY TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.METRICS_DAILY TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.ACTIVE_ALERTS TO ROLE {{ROLE}};
GRANT SELECT ON VIEW PUBLIC.INSTANCE_HEALTH TO ROLE {{ROLE}};

-- Words by Cortex, forecasts and anomalies by Snowflake's own models, which are kept in PUBLIC.
GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE {{ROLE}};
GRANT CREATE SNOWFLAKE.ML.FORECAST ON SCHEMA PUBLIC TO ROLE {{ROLE}};
GRANT CREATE SNOWFLAKE.ML.ANOMALY_DETECTION ON SCHEMA PUBLIC TO ROLE {{ROLE}};

-- Who signs in -----------------------------------------------------------------------------------------------------------------

CREATE USER IF NOT EXISTS {{USER}} TYPE = SERVICE COMMENT = 'Nephos, by key pair only';
ALTER USER {{USER}} SET
  RSA_PUBLIC_KEY = '{{PUBLIC_KEY}}'
  DEFAULT_ROLE = {{ROLE}}
  DEFAULT_WAREHOUSE = {{WAREHOUSE}}
  DEFAULT_NAMESPACE = '{{DATABASE}}.PUBLIC';
GRANT ROLE {{ROLE}} TO USER {{USER}};
-- So that those who look after the account see what Nephos keeps there.
GRANT ROLE {{ROLE}} TO ROLE SYSADMIN;
