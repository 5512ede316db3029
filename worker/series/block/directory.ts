import { decodeColumn, encodeColumn, UnreadableColumn, type Column } from "./column.ts";

/**
 * Where each column of a block lies: name → [offset, length] in bytes. It is JSON beside the bytes, so that the database itself
 * can hand out the few columns a chart needs. Columns with the same bytes lie in the same place: of a quiet machine's a third
 * are all zero, and a machine with one disk says everything twice.
 */
export type Directory = Record<string, [offset: number, length: number]>;

/** Columns every block has; a series never begins with a dot. */
export const AT = ".at";
export const STREAM = ".stream";
export const SEQ = ".seq";

/** A block as a row holds it. */
export interface PackedBlock {
  /** Rows of the block: what every column's count is. */
  count: number;
  directory: Directory;
  data: Uint8Array;
}

export class BlockWriter {
  readonly #directory: Directory = {};
  readonly #parts: Uint8Array[] = [];
  readonly #placeOf = new Map<string, [number, number]>();
  #length = 0;

  add(name: string, bytes: Uint8Array): void {
    const text = String.fromCharCode(...bytes.subarray(0, 512)) + (bytes.length > 512 ? `#${this.#parts.length}` : "");
    let place = this.#placeOf.get(text);
    if (!place) {
      place = [this.#length, bytes.length];
      this.#placeOf.set(text, place);
      this.#parts.push(bytes);
      this.#length += bytes.length;
    }
    this.#directory[name] = place;
  }

  addColumn(name: string, values: Column, decimals: number | undefined): void {
    this.add(name, encodeColumn(values, decimals));
  }

  finish(count: number): PackedBlock {
    const data = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      data.set(part, at);
      at += part.length;
    }
    return { count, directory: this.#directory, data };
  }
}

/** Reads columns of one block by name; those that lie in one place are decoded once. */
export class BlockReader {
  readonly #block: PackedBlock;
  readonly #decoded = new Map<number, (number | null)[]>();

  constructor(block: PackedBlock) {
    this.#block = block;
  }

  get names(): string[] {
    return Object.keys(this.#block.directory);
  }

  /** The column's bytes; undefined where there is no such column. */
  bytes(name: string): Uint8Array | undefined {
    const place = Object.hasOwn(this.#block.directory, name) ? this.#block.directory[name] : undefined;
    if (!place) return undefined;
    const [offset, length] = place;
    if (!(offset >= 0 && length >= 0 && offset + length <= this.#block.data.length)) {
      throw new UnreadableColumn("a column outside its block");
    }
    return this.#block.data.subarray(offset, offset + length);
  }

  column(name: string): (number | null)[] | undefined {
    const bytes = this.bytes(name);
    if (!bytes) return undefined;
    const known = this.#decoded.get(bytes.byteOffset);
    if (known) return known;
    const column = decodeColumn(bytes, this.#block.count);
    this.#decoded.set(bytes.byteOffset, column);
    return column;
  }

  /** A column that holds a number in every row. */
  numbers(name: string): number[] {
    const column = this.column(name);
    if (!column || column.includes(null)) throw new UnreadableColumn(`no whole column ${name}`);
    return column as number[];
  }
}
