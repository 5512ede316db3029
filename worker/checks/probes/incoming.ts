import { until } from "./deadline.ts";

/** The other side ended the connection where more had to come. */
export class CutOff extends Error {}

/** What it said is not what the protocol says. */
export class NotTheProtocol extends Error {}

/** What comes in over a connection, in the portions in which a protocol wants it. */
export class Incoming {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal;
  #waiting = new Uint8Array(0);
  /** Whether anything has come at all. */
  hasBegun = false;

  constructor(readable: ReadableStream, signal: AbortSignal) {
    this.#reader = (readable as ReadableStream<Uint8Array>).getReader();
    this.#reader.closed.catch(() => undefined);
    this.#signal = signal;
  }

  /** Whatever comes next; undefined at the end. */
  async atMost(length: number): Promise<Uint8Array | undefined> {
    if (this.#waiting.length === 0 && !(await this.#more())) return undefined;
    return this.#taken(Math.min(length, this.#waiting.length));
  }

  async exactly(length: number): Promise<Uint8Array> {
    while (this.#waiting.length < length) await this.#moreOrCutOff();
    return this.#taken(length);
  }

  /** Up to a line's end, which is left out. */
  async line(lengthMax: number): Promise<string> {
    for (;;) {
      const end = this.#waiting.indexOf(LINE_FEED);
      if (end > lengthMax || (end < 0 && this.#waiting.length > lengthMax)) throw new NotTheProtocol("an endless line");
      if (end >= 0) return new TextDecoder("latin1").decode(this.#taken(end + 1)).replace(/\r?\n$/, "");
      await this.#moreOrCutOff();
    }
  }

  async #moreOrCutOff(): Promise<void> {
    if (!(await this.#more())) throw new CutOff("it ended");
  }

  async #more(): Promise<boolean> {
    const { done, value } = await until(this.#signal, this.#read());
    if (done) return false;
    this.hasBegun = true;
    const joined = new Uint8Array(this.#waiting.length + value.length);
    joined.set(this.#waiting);
    joined.set(value, this.#waiting.length);
    this.#waiting = joined;
    return true;
  }

  async #read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (error) {
      throw new CutOff("it was reset", { cause: error });
    }
  }

  #taken(length: number): Uint8Array {
    const taken = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    return taken;
  }
}

const LINE_FEED = 0x0a;
