import { build } from "../scripts/build.ts";
import { Chance } from "../tests/chance.ts";
import { crashRuns } from "../tests/crash-runs.ts";
import { evaluationShare } from "./alerts-evaluation.ts";
import { toldAfter } from "./alerts-notify.ts";
import { stormMessages } from "./alerts-storm.ts";

const CRASH_RUNS = 50;

/** What holding rules against a fleet costs, how soon and how often somebody hears of it, and what becomes of that when the edge is killed. */
export async function alerts(): Promise<Record<string, number>> {
  const evaluated = evaluationShare();
  const { notifyP95Ms, writesPerTransition } = await toldAfter();
  const { stormMessagesPerChannel } = await stormMessages();
  return { ...evaluated, notifyP95Ms, stormMessagesPerChannel, writesPerTransition, ...(await crashed()) };
}

async function crashed(): Promise<{ lost: number; doubled: number }> {
  await build({ quiet: true });
  const chance = new Chance();
  const { runs, kills, died, repeated, faults, complaints } = await crashRuns(CRASH_RUNS, chance);
  for (const [what, which] of Object.entries(faults)) for (const one of which) console.error(`${what}: ${one}`);
  const words = Object.entries(died).map(([how, times]) => `${times} times ${how}`);
  console.error(
    `crashes          seed ${chance.seed}: ${runs} agents hot and cool again, ${kills} kills, after which ${words.join(", ")}; ` +
      `${repeated} messages came again, with the same id`,
  );
  const { lost, doubled, ...others } = faults;
  const more = [...Object.values(others).flat(), ...complaints];
  if (more.length > 0) throw new Error(`Neither lost nor doubled, but wrong: ${more.join("; ")}`);
  return { lost: lost.length, doubled: doubled.length };
}
