/**
 * Many writers, one commit. Rows that come while a commit is under way wait and go together in the next: the busier it
 * is, the larger the groups; a lone writer waits for nobody. Commits are strictly in order, and when one fails everything behind it
 * fails too: so nobody is told "durable up to 11" while 10 was lost.
 */
export class GroupCommit<Row> {
  #waiting: Waiting<Row>[] = [];
  #waitingBytes = 0;
  #running = false;
  readonly #commit: (rows: Row[]) => Promise<void>;
  readonly #limits: Limits;
  readonly #patience: () => Promise<void>;
  #expected: { count: number; come: () => void } | undefined;

  /** `patience` is how long a commit waits for the writers of the last one to come again; asked only while it is busy. */
  constructor(commit: (rows: Row[]) => Promise<void>, limits: Limits, patience: () => Promise<void>) {
    this.#commit = commit;
    this.#limits = limits;
    this.#patience = patience;
  }

  /** False where the queue is full: say "slow down" rather than run out of memory. */
  hasRoom(bytes: number): boolean {
    return this.#waitingBytes + bytes <= this.#limits.queueBytesMax;
  }

  /** Resolves when the rows are committed; rejects when they are not. */
  add(rows: Row[], bytes: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ rows, bytes, resolve, reject });
    this.#waitingBytes += bytes;
    if (!this.#running) void this.#run();
    else if (this.#expected && this.#waiting.length >= this.#expected.count) this.#expected.come();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#take();
      try {
        await this.#commit(group.flatMap((entry) => entry.rows));
        for (const entry of group) entry.resolve();
      } catch (error) {
        for (const entry of [...group, ...this.#waiting.splice(0)]) entry.reject(error);
        this.#waitingBytes = 0;
      }
      if (group.length > this.#limits.gatherAbove) await this.#gather(group.length);
    }
    this.#running = false;
  }

  /** As many as shared the last commit will share the next: holding it back for them costs nobody anything. */
  async #gather(count: number): Promise<void> {
    if (this.#waiting.length >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#expected = { count, come: resolve };
    await Promise.race([promise, this.#patience()]);
    this.#expected = undefined;
  }

  #take(): Waiting<Row>[] {
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      rows += entry.rows.length;
      bytes += entry.bytes;
      if (count > 0 && (rows > this.#limits.rowsMax || bytes > this.#limits.bytesMax)) break;
      count++;
    }
    const group = this.#waiting.splice(0, count);
    for (const entry of group) this.#waitingBytes -= entry.bytes;
    return group;
  }
}

interface Limits {
  rowsMax: number;
  bytesMax: number;
  queueBytesMax: number;
  /** Writers in one commit above which it is busy. */
  gatherAbove: number;
}

interface Waiting<Row> {
  rows: Row[];
  bytes: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}
