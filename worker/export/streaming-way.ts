import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeClient } from "../snowflake/client.ts";
import { RowPacker } from "../snowflake/row-packer.ts";
import { appendRows } from "../snowflake/streaming.ts";
import { lengthOf, type Batch, type Piece } from "./batch.ts";
import type { LandingTable } from "./landing.ts";

/**
 * By Snowpipe Streaming: no warehouse, at least once. Rows are packed as they come, until what a request may have is full: by then their
 * text would be twenty times as much.
 */
export class StreamedBatch implements Batch {
  readonly #packer: RowPacker;
  #rows = 0;

  constructor(share: number) {
    this.#packer = new RowPacker(share);
  }

  get rows(): number {
    return this.#rows;
  }

  hasRoomFor(piece: Piece): boolean {
    return this.#rows === 0 || this.#packer.hasRoomFor(lengthOf(piece));
  }

  async add(piece: Piece): Promise<void> {
    await this.#packer.add(piece);
    this.#rows += piece.length;
  }

  async send(client: SnowflakeClient, { name }: LandingTable, deadline: EpochMs): Promise<void> {
    const table = { schema: "LANDING", table: name };
    await appendRows(client, table, await this.#packer.finish(), { requestId: crypto.randomUUID(), deadline });
  }
}
