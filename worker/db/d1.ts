import type * as workers from "@cloudflare/workers-types";

/** The database's types by name, for programs beside the Worker that have no such globals. */
export type D1Database = workers.D1Database;
export type D1PreparedStatement = workers.D1PreparedStatement;
export type D1Result<Row = unknown> = workers.D1Result<Row>;
