import type { Asking } from "../engine.ts";
import { corrected, isKnownWord, isOneLetterOff, wordsOf } from "./words.ts";

/** Who and what is meant by name in a question. Names are compared as text: nothing of them is ever part of a pattern. */
interface Mentioned {
  /** Instance ids. */
  subjects: string[];
  tags: string[];
  /** The question without those names. */
  rest: string;
  /** Looks like a name, and nobody is called that. */
  unknown: string | null;
}

type Names = Asking["names"];

const SUBJECTS_MAX = 20;
const TAGS_MAX = 10;
const CONTINUES = /[\p{L}\p{N}]/u;
const JOINS = /[-._:/@]/u;

/** The longest names first, each place of the question once. `text`: as `plainText` makes it. */
export function mentionedIn(text: string, names: Names): Mentioned {
  const found = new Found(text);
  const called = calledBy(names);
  const occurring = [...called].filter(([name]) => text.includes(name));
  for (const [name, { ids, tag }] of occurring.sort(([a], [b]) => b.length - a.length)) {
    if (!found.take(name, tag ? "tag" : "name")) continue;
    if (tag) found.tags.add(tag);
    else for (const id of ids) found.subjects.add(id);
  }
  const unknown = found.subjects.size === 0 ? found.takeMisspelt(called) : null;
  return {
    subjects: [...found.subjects].slice(0, SUBJECTS_MAX),
    tags: [...found.tags].slice(0, TAGS_MAX),
    rest: found.rest,
    unknown,
  };
}

interface Called {
  ids: string[];
  /** Where it is a tag, and no instance is called that. */
  tag: string | null;
}

/** Two instances may be called the same: both are meant then. An id is a name too. */
function calledBy(names: Names): Map<string, Called> {
  const called = new Map<string, Called>();
  for (const { id, name } of names) {
    const [said, own] = [name.trim().toLowerCase(), id.toLowerCase()];
    for (const one of said === own ? [own] : [said, own]) {
      if (one === "") continue;
      const known = called.get(one);
      if (known) known.ids.push(id);
      else called.set(one, { ids: [id], tag: null });
    }
  }
  for (const { tags } of names)
    for (const tag of tags) if (!called.has(tag.toLowerCase())) called.set(tag.toLowerCase(), { ids: [], tag });
  return called;
}

/** The words before a name that say that one follows, so that even `the` or `memory` can be one. */
const ANNOUNCES = {
  name: /(^|[^\p{L}])(instance|server|machine|host|node|box|called|named)\s+$/u,
  tag: /(^|[^\p{L}])(tag|tags|tagged|tagged with|label|labelled)\s+$/u,
};

class Found {
  readonly subjects = new Set<string>();
  readonly tags = new Set<string>();
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get rest(): string {
    return this.#text;
  }

  /** Every place where it stands by itself; false where there is none. */
  take(name: string, what: "name" | "tag"): boolean {
    // Of one letter, or a word that questions are made of: only where it is plain that a name is meant.
    const isPlain = name.length > 1 && !isKnownWord(name) && CONTINUES.test(name);
    let isTaken = false;
    for (let at = this.#text.indexOf(name); at !== -1; at = this.#text.indexOf(name, at + 1)) {
      const end = at + name.length;
      if (!this.#standsAlone(at, end)) continue;
      if (!isPlain && !this.#isQuoted(at, end) && !ANNOUNCES[what].test(this.#text.slice(Math.max(0, at - 20), at)))
        continue;
      this.#text = `${this.#text.slice(0, at)}${" ".repeat(name.length)}${this.#text.slice(end)}`;
      isTaken = true;
    }
    return isTaken;
  }

  /** A word that is one letter from a single name is that name; one that looks like a name otherwise is told back. */
  takeMisspelt(called: ReadonlyMap<string, Called>): string | null {
    for (const word of new Set(wordsOf(this.#text))) {
      // Of two slips that are possible, the one of a word that questions are made of is likelier.
      if (word.length < 4 || isKnownWord(corrected(word)) || isTimeLike(word)) continue;
      const alike: Called[] = [];
      for (const [name, one] of called) if (isOneLetterOff(word, name) && !isKnownWord(name)) alike.push(one);
      const [one] = alike;
      if (alike.length === 1 && one) {
        if (one.tag) this.tags.add(one.tag);
        for (const id of one.ids) this.subjects.add(id);
        this.#text = this.#text.replace(word, () => " ");
        return null;
      }
      if (looksLikeName(word) && !/\bin\s+$/.test(this.#text.slice(0, this.#text.indexOf(word)))) return word;
    }
    return null;
  }

  #standsAlone(at: number, end: number): boolean {
    const text = this.#text;
    const isInside = (edge: string | undefined, beyond: string | undefined) =>
      edge !== undefined &&
      (CONTINUES.test(edge) || (JOINS.test(edge) && beyond !== undefined && CONTINUES.test(beyond)));
    return !isInside(text[at - 1], text[at - 2]) && !isInside(text[end], text[end + 1]);
  }

  #isQuoted(at: number, end: number): boolean {
    const quote = this.#text[at - 1];
    return (quote === '"' || quote === "'") && this.#text[end] === quote;
  }
}

/** Letters and digits in one word, as instances are called and hardly anything else. */
function looksLikeName(word: string): boolean {
  return /\p{L}/u.test(word) && /\p{N}/u.test(word) && !/^(q[1-4]|ipv[46]|ec2|s3|p9\d|h2|http2)$/.test(word);
}

function isTimeLike(word: string): boolean {
  return /^\d+(st|nd|rd|th|h|hrs?|d|w|m|mo|y|s|ms|min|mins|hours?|days?|weeks?|months?|am|pm|%|gb|mb|tb|gib|mib)$|^\d{1,2}h\d\d$/.test(
    word,
  );
}
