/** The text of snowflake/setup.sql, bundled as it is. */
export { default as SETUP_TEXT } from "../../snowflake/setup.sql";
