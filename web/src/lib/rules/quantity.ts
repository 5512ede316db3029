import type { Unit } from "../../../../contract/units.ts";

/** A number with its unit as it is typed and as it can be typed back. All are in base units once they are read. */
interface Way {
  /** From the smallest to the largest, each with what one of it is in base units. */
  units: readonly (readonly [name: string, factor: number])[];
  /** What a number without a unit means; undefined: it says too little. */
  bare?: string;
  /** Other ways to write a unit, in lower case. */
  also?: Readonly<Record<string, string>>;
  example: string;
}

const TIMES = [
  ["ms", 0.001],
  ["s", 1],
  ["min", 60],
  ["h", 3_600],
  ["d", 86_400],
] as const;
const TIMES_ALSO = {
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  m: "min",
  mins: "min",
  minute: "min",
  minutes: "min",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
};
const COUNTS = [
  ["", 1],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
] as const;
const perSecond = COUNTS.map(([name, factor]) => [`${name}/s`, factor] as const);

const WAYS: Record<Unit, Way> = {
  ratio: { units: [["%", 0.01]], bare: "%", also: { percent: "%" }, example: "80 %" },
  // Sizes are binary and rates decimal, as everywhere on these pages; who types GB means GB.
  bytes: {
    units: [
      ["B", 1],
      ["KiB", 1024],
      ["MiB", 1024 ** 2],
      ["GiB", 1024 ** 3],
      ["TiB", 1024 ** 4],
    ],
    also: { kb: "1e3", mb: "1e6", gb: "1e9", tb: "1e12", bytes: "B" },
    example: "500 MiB or 2 GiB",
  },
  "bytes/s": {
    units: [
      ["B/s", 1],
      ["kB/s", 1e3],
      ["MB/s", 1e6],
      ["GB/s", 1e9],
    ],
    also: { "kbit/s": "125", "mbit/s": "125000", "gbit/s": "125000000" },
    example: "10 MB/s or 100 Mbit/s",
  },
  "operations/s": { units: perSecond, bare: "/s", example: "500" },
  "packets/s": { units: perSecond, bare: "/s", example: "500" },
  seconds: { units: TIMES, bare: "s", also: TIMES_ALSO, example: "300 ms, 2 s or 14 d" },
  count: { units: COUNTS, bare: "", example: "4 or 2.5" },
  bool: { units: [["", 1]], bare: "", example: "1 for yes, 0 for no" },
};

export function exampleOf(unit: Unit): string {
  return WAYS[unit].example;
}

/** What was typed in base units: `80 %` → 0.8, `2 GiB`, `1 d 12 h`. Undefined where it is no such quantity. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const typed = text.trim().replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  const [sign, rest] = /^[-−]/.test(typed) ? [-1, typed.slice(1).trim()] : [1, typed];
  let sum = 0;
  let read = 0;
  let parts = 0;
  for (const [part, amount, word] of rest.matchAll(/(\d+(?:[.,]\d+)?)\s*([^\d\s.,]*)\s*/gy)) {
    const factor = factorOf(word!, WAYS[unit]);
    // `2 GiB 5`: what the five is of nobody knows.
    if (factor === undefined || (word === "" && parts > 0)) return undefined;
    sum += exact(Number(amount!.replace(",", ".")) * factor);
    read += part.length;
    parts += 1;
  }
  const isSeveral = parts > 1 && unit !== "seconds";
  return read > 0 && read === rest.length && !isSeveral ? exact(sign * sum) : undefined;
}

/** A value as it can be typed back, to the last digit: in the largest unit that needs no more than three behind the point. */
export function typedQuantity(value: number, unit: Unit): string {
  const { units } = WAYS[unit];
  const isShort = (factor: number) => {
    const amount = exact(value / factor);
    return Math.abs(amount) >= 1 && exact(Number(amount.toFixed(3)) * factor) === value;
  };
  const [name, factor] =
    units.findLast(([, each]) => isShort(each)) ?? units.find(([, each]) => each === 1) ?? units[0]!;
  const amount = exact(value / factor);
  return `${plain(amount)}${name === "" || name.startsWith("/") ? name : ` ${name}`}`;
}

function factorOf(word: string, { units, bare, also }: Way): number | undefined {
  if (word === "") return bare === undefined ? undefined : units.find(([name]) => name === bare)?.[1];
  const exactly =
    units.find(([name]) => name === word) ?? units.find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (exactly) return exactly[1];
  const other = also?.[word.toLowerCase()];
  if (other === undefined) return undefined;
  return units.find(([name]) => name === other)?.[1] ?? Number(other);
}

/** Without the noise of the last bits: a hundredth of 7 is 0.07. */
function exact(value: number): number {
  return Number(value.toPrecision(15));
}

/** Digits alone: nobody types an exponent. */
function plain(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 }) : text;
}
