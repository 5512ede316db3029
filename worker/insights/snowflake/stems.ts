/**
 * What English words have in common: endings cut off, and a few that say the same of a computer taken as one. For telling whether two
 * sentences speak of the same thing.
 */

const WORD = /\p{L}{2,}/gu;
const ENDING = /(?:ings?|ed|e?s|ly|e)$/;
const REMAINDER_MIN = 3;
const STEM_LENGTH = 5;

/** Of each line the first stands for all. */
const SAME = linesOf(`
disk storage space filesystem volume
full fill filling filled
grow growing growth grew rise rising rose increase increasing climb
send sends sent outgoing transmit upload
receive received incoming download
use uses used using usage
down offline unreachable outage
cpu processor
memory ram
peak highest maximum most
usual usually normal typical
begin began begun start started
`);

/** Small words, units, and those by which advice is given: they say nothing of their own. */
const NEUTRAL = new Set(
  wordsIn(`
to of in on is at by it an or as be we us up so if do my the and are was were has have had its this that these those than then
from with for but their they there here when which while who how what since until before after between within about around near
nearly almost over under above below more less least some all each every other both only also still now soon again yet already
steadily slowly quickly will would may might can could should must need needs into out first next last one ones again very
instance instances machine machines see look looks looking check checks watch find keep keeps clean free make give get
been being per cent percent kib mib gib tib kb mb gb tb ms min mins sec second seconds minute minutes hour hours day days week
weeks month months year years today yesterday tomorrow morning evening night utc am pm ago
monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays
january february march april june july august september october november december
jan feb mar apr jun jul aug sep oct nov dec
`),
);

/** What does harm where it is untrue: it has to stand in the evidence, whatever stands beside it. */
const GRAVE = new Set(
  wordsIn(`
delete deletes deleted deleting remove removed wipe wiped erase destroy destroyed drop dropped format kill terminate disable
disabled shut shutdown reboot reset revoke uninstall install execute password passwords passphrase secret secrets
credential credentials token tokens key keys login root sudo backup backups firewall hack hacked hacker breach breached broken
attack attacked attacker intruder compromise compromised stolen leak leaked malware virus ransom ransomware pay payment call email
well fine healthy safe okay ok perfect secure
`).map(stemOf),
);

/** The stems of a text's own words: those that say something. */
export function stemsIn(text: string): Set<string> {
  const words = [...text.toLowerCase().matchAll(WORD)].map(([word]) => word);
  return new Set(words.filter((word) => !NEUTRAL.has(word)).map(stemOf));
}

export function isGrave(stem: string): boolean {
  return GRAVE.has(stem);
}

function stemOf(word: string): string {
  return SAME.get(word) ?? SAME.get(cut(word)) ?? cut(word);
}

function cut(word: string): string {
  const bare = word.slice(0, 24).replace(ENDING, "");
  return (bare.length >= REMAINDER_MIN ? bare : word).slice(0, STEM_LENGTH);
}

function linesOf(text: string): Map<string, string> {
  const lines = text.trim().split("\n").map(wordsIn);
  return new Map(
    lines.flatMap((line) => line.flatMap((word) => [word, cut(word)].map((each) => [each, line[0]!] as const))),
  );
}

function wordsIn(text: string): string[] {
  return text.trim().split(/\s+/);
}
