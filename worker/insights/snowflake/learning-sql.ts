/**
 * What Snowflake is asked to learn, as fixed texts: whatever is not known here is bound. Names of tables and models are resolved in the
 * connection's database, in the schema in which setup.sql makes them. `DATEADD` with SYSDATE(), for times are kept in UTC without a zone.
 *
 * SNOWFLAKE.ML.FORECAST and SNOWFLAKE.ML.ANOMALY_DETECTION (SF sql-reference/classes/forecast, .../anomaly_detection): TIMESTAMP_NTZ at even
 * steps, a FLOAT, several series by a column; what is too short or odd is skipped.
 */

/** A series is called `instance metric`: ids have no spaces. */
const SERIES = "INSTANCE_ID || ' ' || METRIC_NAME";

const FILLING = "'filesystem_used_ratio', 'filesystem_inodes_used_ratio', 'memory_used_ratio'";
const MOVING =
  "'cpu_busy_ratio', 'memory_used_ratio', 'disk_util_ratio', 'network_receive_bytes_per_second', 'network_transmit_bytes_per_second'";

/** The instances that are asked for, bound as a JSON array. */
const ASKED_FOR = "(SELECT VALUE::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))))";

/** Half a year by the day, without today, which is not over; a fortnight at least, and heard of lately. */
export const LEARN_FORECAST = `CREATE OR REPLACE SNOWFLAKE.ML.FORECAST NEPHOS_FORECAST(
  INPUT_DATA => TABLE(
    SELECT ${SERIES} AS SERIES, DAY::TIMESTAMP_NTZ AS TS, AVG_VALUE::FLOAT AS Y
    FROM METRICS_DAILY
    WHERE SPLIT_PART(METRIC_NAME, ':', 1) IN (${FILLING})
      AND DAY >= DATEADD(DAY, -180, SYSDATE()) AND DAY < DATE_TRUNC('DAY', SYSDATE())
    QUALIFY COUNT(*) OVER (PARTITION BY INSTANCE_ID, METRIC_NAME) >= 14
      AND MAX(DAY) OVER (PARTITION BY INSTANCE_ID, METRIC_NAME) >= DATEADD(DAY, -3, SYSDATE())
  ),
  SERIES_COLNAME => 'SERIES',
  TIMESTAMP_COLNAME => 'TS',
  TARGET_COLNAME => 'Y',
  CONFIG_OBJECT => {'method': 'fast', 'on_error': 'skip'}
)`;

export const FORECAST_DAYS = 60;

export const READ_FORECAST = `SELECT SERIES::VARCHAR AS NAME, TS, FORECAST, LOWER_BOUND, UPPER_BOUND
FROM TABLE(NEPHOS_FORECAST!FORECAST(
  FORECASTING_PERIODS => ${FORECAST_DAYS},
  CONFIG_OBJECT => {'prediction_interval': 0.95}
))
WHERE SPLIT_PART(SERIES::VARCHAR, ' ', 1) IN ${ASKED_FOR}
ORDER BY NAME, TS`;

const HOURS = (when: string) => `SELECT ${SERIES} AS SERIES, HOUR::TIMESTAMP_NTZ AS TS, AVG_VALUE::FLOAT AS Y
    FROM METRICS_HOURLY
    WHERE METRIC_NAME IN (${MOVING}) AND ${when}`;

/** What is looked at is the last two days, what is learned from the eight weeks before. */
export const LEARN_ANOMALIES = `CREATE OR REPLACE SNOWFLAKE.ML.ANOMALY_DETECTION NEPHOS_ANOMALY_DETECTION(
  INPUT_DATA => TABLE(
    ${HOURS("HOUR >= DATEADD(DAY, -58, SYSDATE()) AND HOUR < DATEADD(DAY, -2, DATE_TRUNC('HOUR', SYSDATE()))")}
    QUALIFY COUNT(*) OVER (PARTITION BY INSTANCE_ID, METRIC_NAME) >= 336
  ),
  SERIES_COLNAME => 'SERIES',
  TIMESTAMP_COLNAME => 'TS',
  TARGET_COLNAME => 'Y',
  LABEL_COLNAME => '',
  CONFIG_OBJECT => {'on_error': 'skip'}
)`;

/** Of all instances, as they are few. One of a thousand hours is unlike the others by chance: with many series rarer ones are asked for. */
export const READ_ANOMALIES = `SELECT SERIES::VARCHAR AS NAME, TS, Y, LOWER_BOUND, UPPER_BOUND, PERCENTILE
FROM TABLE(NEPHOS_ANOMALY_DETECTION!DETECT_ANOMALIES(
  INPUT_DATA => TABLE(
    ${HOURS("HOUR >= DATEADD(DAY, -2, DATE_TRUNC('HOUR', SYSDATE())) AND HOUR < DATE_TRUNC('HOUR', SYSDATE())")}
  ),
  SERIES_COLNAME => 'SERIES',
  TIMESTAMP_COLNAME => 'TS',
  TARGET_COLNAME => 'Y',
  CONFIG_OBJECT => {'prediction_interval': 0.9995}
))
WHERE IS_ANOMALY
ORDER BY NAME, TS`;

/**
 * For each series the share of its variance that the hour of the day explains, and the hour of the week, each less what as many means explain
 * of nothing; with the hour that is furthest above the rest, and what is usual. Eight weeks; weeks begin on Monday, as 1970-01-05 was one.
 */
export const READ_PROFILES = `WITH HOURS AS (
  SELECT INSTANCE_ID, METRIC_NAME, AVG_VALUE AS Y,
    MOD(DATEDIFF(HOUR, '1970-01-05 00:00:00'::TIMESTAMP_NTZ, HOUR), 168) AS SLOT
  FROM METRICS_HOURLY
  WHERE METRIC_NAME IN (${MOVING}) AND HOUR >= DATEADD(DAY, -56, SYSDATE()) AND INSTANCE_ID IN ${ASKED_FOR}
),
ALL_HOURS AS (
  SELECT INSTANCE_ID, METRIC_NAME, COUNT(*) AS N, VAR_POP(Y) AS SPREAD, AVG(Y) AS MIDDLE, MEDIAN(Y) AS USUAL
  FROM HOURS GROUP BY INSTANCE_ID, METRIC_NAME HAVING COUNT(*) >= 504 AND VAR_POP(Y) > 0
),
DAYS AS (
  SELECT INSTANCE_ID, METRIC_NAME, MOD(SLOT, 24) AS SLOT, AVG(Y) AS Y, COUNT(*) AS N
  FROM HOURS GROUP BY INSTANCE_ID, METRIC_NAME, MOD(SLOT, 24)
),
WEEKS AS (
  SELECT INSTANCE_ID, METRIC_NAME, SLOT, AVG(Y) AS Y, COUNT(*) AS N
  FROM HOURS GROUP BY INSTANCE_ID, METRIC_NAME, SLOT
),
BY_DAY AS (
  SELECT D.INSTANCE_ID, D.METRIC_NAME, SUM(D.N * POWER(D.Y - A.MIDDLE, 2)) / (MAX(A.N) * MAX(A.SPREAD)) AS SHARE,
    MAX_BY(D.SLOT, D.Y) AS SLOT, MAX(D.Y) AS PEAK
  FROM DAYS D JOIN ALL_HOURS A ON A.INSTANCE_ID = D.INSTANCE_ID AND A.METRIC_NAME = D.METRIC_NAME
  GROUP BY D.INSTANCE_ID, D.METRIC_NAME
),
BY_WEEK AS (
  SELECT W.INSTANCE_ID, W.METRIC_NAME, SUM(W.N * POWER(W.Y - A.MIDDLE, 2)) / (MAX(A.N) * MAX(A.SPREAD)) AS SHARE,
    MAX_BY(W.SLOT, W.Y) AS SLOT, MAX(W.Y) AS PEAK
  FROM WEEKS W JOIN ALL_HOURS A ON A.INSTANCE_ID = W.INSTANCE_ID AND A.METRIC_NAME = W.METRIC_NAME
  GROUP BY W.INSTANCE_ID, W.METRIC_NAME
)
SELECT A.INSTANCE_ID, A.METRIC_NAME, A.N, A.USUAL, D.SHARE AS DAY_SHARE, D.SLOT AS DAY_SLOT, D.PEAK AS DAY_PEAK,
  W.SHARE AS WEEK_SHARE, W.SLOT AS WEEK_SLOT, W.PEAK AS WEEK_PEAK
FROM ALL_HOURS A
JOIN BY_DAY D ON D.INSTANCE_ID = A.INSTANCE_ID AND D.METRIC_NAME = A.METRIC_NAME
JOIN BY_WEEK W ON W.INSTANCE_ID = A.INSTANCE_ID AND W.METRIC_NAME = A.METRIC_NAME
ORDER BY A.INSTANCE_ID, A.METRIC_NAME`;
