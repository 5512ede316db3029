/** What DuckDB lacks of Snowflake, in DuckDB's own words; `rewrite.ts` puts these names in place of Snowflake's. */
export const MACROS = [
  "CREATE TABLE memory.main.clock (moment TIMESTAMP)",
  "INSERT INTO memory.main.clock VALUES (epoch_ms(0))",
  "CREATE MACRO memory.main.sf_sysdate() AS (SELECT moment FROM memory.main.clock)",
  "CREATE MACRO memory.main.sf_now() AS (SELECT moment AT TIME ZONE 'UTC' FROM memory.main.clock)",
  "CREATE MACRO memory.main.sf_get(v, path) AS json_extract(v, path)",
  `CREATE MACRO memory.main.sf_text(v) AS
     CASE WHEN typeof(v) = 'JSON' THEN json_extract_string(CAST(v AS VARCHAR), '$') ELSE CAST(v AS VARCHAR) END`,
  "CREATE MACRO memory.main.sf_variant(v) AS to_json(v)",
  "CREATE MACRO memory.main.sf_without_nulls(v) AS json_merge_patch('{}', v)",
  "CREATE MACRO memory.main.sf_try_parse_json(t) AS CASE WHEN json_valid(t) THEN json(t) END",
  "CREATE MACRO memory.main.sf_datediff(unit, a, b) AS date_diff(unit, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))",
  "CREATE MACRO memory.main.sf_count_if(c) AS count(CASE WHEN c THEN 1 END)",
  "CREATE MACRO memory.main.sf_array_contains(v, list) AS json_contains(to_json(list), to_json(v))",
  "CREATE MACRO memory.main.sf_array_size(v) AS json_array_length(to_json(v))",
  ...["millisecond", "second", "minute", "hour", "day", "week", "month", "year"].map(
    (unit) =>
      `CREATE MACRO memory.main.sf_add_${unit}(n, t) AS CAST(t AS TIMESTAMP) + to_${unit}s(CAST(n AS ${unit.endsWith("second") ? "DOUBLE" : "INTEGER"}))`,
  ),
  `CREATE MACRO memory.main.sf_flatten(v) AS TABLE
     SELECT
       1 AS SEQ,
       CASE WHEN json_type(v) = 'OBJECT' THEN key END AS KEY,
       fullkey AS PATH,
       CASE WHEN json_type(v) = 'ARRAY' THEN CAST(key AS BIGINT) END AS INDEX,
       value AS VALUE,
       v AS THIS
     FROM json_each(v)`,
];
