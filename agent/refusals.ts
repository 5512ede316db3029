import type { EdgeError } from "./edge-message.ts";
import type { Log, Trouble } from "./log.ts";
import { lineOfParts } from "./reply.ts";
import type { Batch, Spool } from "./spool.ts";
import type { Turns } from "./turns.ts";

export interface RenamingVerbs {
  newStreamId(): string;
  /** The stream the next samples belong to got another id. */
  streamRenamed(from: string, to: string): void;
}

/** What becomes of samples the edge does not take as they are. */
export class Refusals {
  readonly #spool: Spool;
  readonly #turns: Turns;
  readonly #log: Log;
  readonly #trouble: Trouble;
  readonly #verbs: RenamingVerbs;

  constructor(spool: Spool, turns: Turns, log: Log, trouble: Trouble, verbs: RenamingVerbs) {
    this.#spool = spool;
    this.#turns = turns;
    this.#log = log;
    this.#trouble = trouble;
    this.#verbs = verbs;
  }

  /** One of several is found by sending each alone; one that was alone is given up. */
  byPost(why: string, { stream, samples }: Batch): void {
    this.#tell(why);
    const [first, last] = [samples[0]!.seq, samples.at(-1)!.seq];
    if (samples.length > 1) this.#turns.suspect(stream, first, last);
    else this.#spool.discard(stream, first);
  }

  /** On a socket many may have gone before the word comes that one of them is refused; it may say which. */
  bySocket({ message, field, remedy, ...error }: EdgeError, lastSent: string | undefined): void {
    this.#tell(lineOfParts([message, field, remedy]));
    const stream = error.stream ?? lastSent;
    if (stream === undefined) return;
    this.#turns.suspect(stream, error.seq ?? 1, error.seq ?? this.#spool.sentSeqOf(stream));
  }

  /** The same samples under a fresh id, which nobody can know. */
  conflicted(stream: string, why: string): void {
    const fresh = this.#verbs.newStreamId();
    this.#log.warn(`Nephos knows this stream from elsewhere, so a new one begins. ${why}`);
    this.#spool.renameStream(stream, fresh);
    this.#verbs.streamRenamed(stream, fresh);
  }

  #tell(why: string): void {
    const rest = "Each is tried alone, and only one that is refused alone is dropped";
    this.#trouble.tell(why, `Nephos refused samples. ${why}. ${rest}`);
  }
}
