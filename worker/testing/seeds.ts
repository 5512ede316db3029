import { env } from "cloudflare:workers";

/** So many seeds, or the one that the environment names. */
export function seeds(count: number): number[] {
  const named = (env as Env & { NEPHOS_SEED?: string }).NEPHOS_SEED;
  const chosen = named ? [Number(named)] : Array.from({ length: count }, () => Math.floor(Math.random() * 2 ** 31));
  console.log(`seeds ${chosen.join(" ")}`);
  return chosen;
}
