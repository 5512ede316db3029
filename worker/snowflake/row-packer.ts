/** A request may be no larger than this on the wire (Snowpipe Streaming REST API, elastic channels). */
export const STREAMING_BYTES_MAX = 4_000_000;

/** What the packer may hold back before it puts out anything: a window of text and a block of zlib's, with room to spare. */
const HELD_BACK_MAX = 150_000;
/** What is to come is reckoned to become no smaller than this: a row of points with three numbers that nobody could guess. */
const RATIO_MIN = 1 / 8;
/** Characters that are packed at one go. */
const RUN_LENGTH = 64_000;
/** Bytes that are read from the packer at one go. */
const READ_BYTES = 64 * 1024;

/**
 * Rows as they go into one request: packed as they come, so that of their text no more than a run is held, and of what was packed no more
 * than a request may have. The limit is of what is on the wire, so what was put out is counted, not the text.
 */
export class RowPacker {
  readonly #max: number;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  readonly #parts: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #run: string[] = [];
  #runLength = 0;
  #packed = 0;
  #bytes = 0;

  /** `share`: how much of what a request may have, up to 1. */
  constructor(share = 1) {
    this.#max = (STREAMING_BYTES_MAX - HELD_BACK_MAX) * share;
    const gzip = new CompressionStream("gzip");
    this.#writer = gzip.writable.getWriter();
    this.#read = this.#readAll(gzip.readable);
    // Whoever finishes it is told; one that is given up is nobody's.
    this.#read.catch(() => {});
  }

  /** Whether so many characters more would still go into the request, judged by how well those before them were packed. */
  hasRoomFor(characters: number): boolean {
    const ratio = Math.max(RATIO_MIN, this.#packed > 0 ? this.#bytes / this.#packed : 0);
    return this.#bytes + (this.#runLength + characters) * ratio <= this.#max;
  }

  /** Each a JSON object by the names of the table's columns. */
  async add(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      this.#run.push(line);
      this.#runLength += line.length + 1;
      if (this.#runLength >= RUN_LENGTH) await this.#pack();
    }
  }

  /** All of it, as it goes over the wire; nothing can be added any more. */
  async finish(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#run.length > 0) await this.#pack();
    await Promise.all([this.#writer.close(), this.#read]);
    const packed = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      packed.set(part, at);
      at += part.byteLength;
    }
    return packed;
  }

  async #pack(): Promise<void> {
    const run = this.#encoder.encode(`${this.#run.join("\n")}\n`);
    this.#run = [];
    this.#runLength = 0;
    this.#packed += run.byteLength;
    await this.#writer.write(run);
  }

  async #readAll(readable: ReadableStream<Uint8Array>): Promise<void> {
    const reader = readable.getReader({ mode: "byob" });
    let space = new Uint8Array(READ_BYTES);
    for (;;) {
      const { value, done }: ReadableStreamReadResult<Uint8Array<ArrayBuffer>> = await reader.read(space);
      if (done) return;
      this.#parts.push(value.slice());
      this.#bytes += value.byteLength;
      space = new Uint8Array(value.buffer);
    }
  }
}
