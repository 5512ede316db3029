import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatDuration } from "../format/duration.ts";
import type { Connection } from "../live/socket.ts";

/** Most losses heal before anybody would have noticed. */
const QUIET_MS: DurationMs = 1_500;

/** What the banner says of the connection; undefined while there is nothing worth saying. */
export function connectionInWords(connection: Connection, now: EpochMs): string | undefined {
  if (connection.state !== "lost" && connection.state !== "connecting") return undefined;
  const { lostAt } = connection;
  if (lostAt === null || now - lostAt < QUIET_MS) return undefined;
  const next =
    connection.state === "connecting"
      ? "trying again now"
      : `trying again in ${formatDuration(Math.max(1_000, connection.retryAt - now))}`;
  return `Connection lost ${formatDuration(now - lostAt)} ago – showing the last known state; ${next}.`;
}
