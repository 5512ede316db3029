import type { DurationMs } from "../../../../contract/units.ts";

const MINUTE: DurationMs = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What can be pasted where the job is, so that it calls when it is done. */
export function heartbeatLines(url: string, periodMs: DurationMs): { label: string; line: string }[] {
  const call = `curl -fsS -m 10 --retry 3 -o /dev/null '${url}'`;
  return [
    { label: "At the end of a script", line: call },
    { label: "In a crontab, after the job", line: `${cronTimes(periodMs)} your-job && ${call}` },
    { label: "In a systemd service", line: `ExecStartPost=/usr/bin/${call.replaceAll("'", '"')}` },
  ];
}

/** How often, as cron writes it; a period cron has no way to say becomes the nearest one it has. */
function cronTimes(periodMs: DurationMs): string {
  if (periodMs < HOUR) {
    const minutes = Math.max(1, Math.round(periodMs / MINUTE));
    return minutes === 1 ? "* * * * *" : `*/${minutes} * * * *`;
  }
  if (periodMs < DAY) {
    const hours = Math.round(periodMs / HOUR);
    return hours === 1 ? "0 * * * *" : hours >= 24 ? "0 3 * * *" : `0 */${hours} * * *`;
  }
  if (periodMs < 6 * DAY) return "0 3 * * *";
  return periodMs < 20 * DAY ? "0 3 * * 1" : "0 3 1 * *";
}
