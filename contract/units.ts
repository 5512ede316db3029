/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;
/** A span of time in milliseconds. */
export type DurationMs = number;

/**
 * Base units, as OpenTelemetry and Prometheus use them. Percent, megabytes and milliseconds exist on screen only.
 * `bool` is 0 or 1.
 */
export type Unit = "ratio" | "bytes" | "bytes/s" | "operations/s" | "packets/s" | "seconds" | "count" | "bool";

/**
 * Digits after the point that a known metric is worth: what is finer is noise of the reading, and costs as much to keep.
 * A custom metric is kept as it was sent.
 */
export const UNIT_DECIMALS: Record<Unit, number> = {
  ratio: 5,
  bytes: 0,
  "bytes/s": 0,
  "operations/s": 2,
  "packets/s": 2,
  seconds: 6,
  count: 2,
  bool: 0,
};

/** The values a unit can hold; anything else is a fault of the sender, not a reading. */
export const UNIT_RANGE: Record<Unit, readonly [min: number, max: number]> = {
  ratio: [0, 1],
  bytes: [0, 2 ** 63],
  "bytes/s": [0, 2 ** 50],
  "operations/s": [0, 1e12],
  "packets/s": [0, 1e12],
  seconds: [0, 1e11],
  count: [0, 1e15],
  bool: [0, 1],
};

/** Custom metrics may be negative and carry any unit; beyond this a number has lost its meaning as a double. */
export const CUSTOM_RANGE: readonly [min: number, max: number] = [-1e18, 1e18];
