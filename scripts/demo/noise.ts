/** A fixed number from 0 to 1 for two whole numbers: the same in every run, so the fleet is a function, not a recording. */
export function pick(a: number, b: number): number {
  let hash = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** Smooth noise from 0 to 1 that changes its mind every `everyMs`. */
export function noise(instance: number, channel: number, at: number, everyMs: number): number {
  const step = Math.floor(at / everyMs);
  const part = at / everyMs - step;
  const seed = instance * 97 + channel * 7919;
  const ease = part * part * (3 - 2 * part);
  return pick(seed, step) * (1 - ease) + pick(seed, step + 1) * ease;
}

/** 0 at night, 1 at noon; `shift` is a part of the period. */
export function wave(at: number, periodMs: number, shift: number): number {
  return 0.5 - 0.5 * Math.cos(2 * Math.PI * (at / periodMs + shift));
}
