import { lookAtThousand } from "./sentinel-checks.ts";
import { discoverThousands } from "./sentinel-discovery.ts";
import { liveThrough } from "../worker/testing/simulated-world.ts";
import { requireProc } from "./usage.ts";

/** Made-up worlds of some hours each; the first seed of a fixed row. */
const WORLDS = 3_000;
const FIRST_SEED = 1;

/** What the sentinel takes: to find a fleet, to find nothing new in it, to look at many checks; and whether it tells untruths. */
export async function sentinel(): Promise<Record<string, number>> {
  requireProc();
  const discovered = await discoverThousands();
  const looked = await lookAtThousand();
  return { ...discovered, ...looked, ...untruths() };
}

/** The deciders of the Worker in worlds in which targets, regions, providers and clocks fail. */
function untruths(): { falseDown: number; missedOutages: number } {
  const sum = { falseDown: 0, missedOutages: 0, wrongUptime: 0, rounds: 0, outageRounds: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + WORLDS; seed++) {
    const tally = liveThrough(seed);
    sum.falseDown += tally.falseDown + tally.falseInstanceDown;
    sum.missedOutages += tally.missedOutages + tally.missedInstanceOutages;
    sum.wrongUptime += tally.wrongUptime;
    sum.rounds += tally.rounds;
    sum.outageRounds += tally.outageRounds;
    for (const untruth of tally.untruths) console.error(`seed ${seed}: ${untruth}`);
  }
  const { rounds, outageRounds, wrongUptime, ...figures } = sum;
  console.error(
    `simulation       ${WORLDS} worlds: ${rounds} rounds, ${outageRounds} of them in an outage that could be seen; ` +
      `${figures.falseDown} said to be down and well, ${figures.missedOutages} outages missed, ${wrongUptime} uptimes wrong`,
  );
  return figures;
}
