import type { Retention } from "../../contract/operations.ts";
import type { Tier } from "../../contract/series.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { RAW_PLACED_DAYS, slotsFor, TIER_SPECS } from "./tiers.ts";

/** Places of one generation of a ring; more than the longest retention has. */
const GENERATION_PLACES = 1_000_000;

/** SQL: where a block of this bucket lies in a ring of the table `ring`. */
export const placeOf = (bucket: string) => `ring.generation * ${GENERATION_PLACES} + (${bucket}) % ring.slots`;
/** SQL: whether a row of `ring` is the generation that is written to. */
export const IS_NEWEST =
  "ring.generation = (SELECT max(newest.generation) FROM ring AS newest WHERE newest.tier = ring.tier)";

const DAYS_OF = { raw: "rawDays", fiveMinutes: "fiveMinutesDays", hour: "hourDays" } as const satisfies Record<
  Tier,
  keyof Retention
>;

/** How long each tier is kept, and how far back it has been: more days than before do not bring back what is gone. */
export interface Reach extends Retention {
  since: Record<Tier, EpochMs>;
}

export async function readReach(db: Database): Promise<Reach> {
  const { results } = await db.$client
    .prepare(`SELECT tier, days, since FROM ring WHERE ${IS_NEWEST}`)
    .all<{ tier: number; days: number; since: EpochMs }>();
  const of = (tier: Tier) => results.find((row) => row.tier === TIER_SPECS[tier].number)!;
  const [raw, fiveMinutes, hour] = [of("raw"), of("fiveMinutes"), of("hour")];
  return {
    rawDays: raw.days,
    fiveMinutesDays: fiveMinutes.days,
    hourDays: hour.days,
    since: { raw: raw.since, fiveMinutes: fiveMinutes.since, hour: hour.since },
  };
}

export async function readRetention(db: Database): Promise<Retention> {
  const { since: _since, ...retention } = await readReach(db);
  return retention;
}

/**
 * Begins a new generation of each ring that is to have another number of places: a block's place depends on it, so what is there
 * stays where it is and is read from there until it is past its time.
 */
export async function changeRetention(db: Database, retention: Retention, now: EpochMs): Promise<void> {
  const client = db.$client;
  await client.batch(
    Object.values(TIER_SPECS).flatMap((spec) => {
      const days = retention[DAYS_OF[spec.tier]];
      const slots = slotsFor(spec, days);
      const placedDays = spec.tier === "raw" ? RAW_PLACED_DAYS : 0;
      const since = `max(since, ?4 - max(days, ${placedDays}) * 86400000)`;
      return [
        client
          .prepare(
            `UPDATE ring SET days = ?2, since = ${since} WHERE tier = ?1 AND slots = ?3 AND days <> ?2 AND
               generation = (SELECT max(newest.generation) FROM ring AS newest WHERE newest.tier = ?1)`,
          )
          .bind(spec.number, days, slots, now),
        client
          .prepare(
            `INSERT INTO ring (tier, generation, days, slots, since)
             SELECT tier, generation + 1, ?2, ?3, ${since} FROM ring WHERE tier = ?1 AND slots <> ?3 AND ${IS_NEWEST}`,
          )
          .bind(spec.number, days, slots, now),
      ];
    }),
  );
}

/** Forgets generations in which nothing lies any more. */
export async function deleteEmptyRings(db: Database): Promise<void> {
  await db.$client
    .prepare(
      `DELETE FROM ring WHERE NOT ${IS_NEWEST} AND NOT EXISTS (SELECT 1 FROM series_subject CROSS JOIN block ON block.instance_id = series_subject.id AND block.tier = ring.tier
           AND block.slot / ${GENERATION_PLACES} = ring.generation)`,
    )
    .run();
}
