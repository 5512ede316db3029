import { beforeEach, describe, expect, it } from "vitest";
import { channelConfigSchema, type ChannelKind } from "../../contract/channels.ts";
import {
  channelOf,
  channelRow,
  emptyOutbox,
  newDrain,
  outbox,
  outboxDb,
  puts,
  standing,
  T0,
  told,
} from "../testing/outbox.ts";
import { startReceiver } from "../testing/receivers.ts";
import { insertChannel } from "./store.ts";
import { notifySetting } from "./table.ts";

const MINUTE = 60_000;

beforeEach(emptyOutbox);

/** Nothing of it is sealed: what was entered of it stands in its row. */
async function newChannel(kind: Exclude<ChannelKind, "email">) {
  const receiver = await startReceiver(kind);
  const { kind: _kind, ...config } = channelConfigSchema.parse({ kind, ...receiver.config });
  await insertChannel(outboxDb, channelRow("a", { kind, config }));
  return receiver;
}

describe.each(["pagerduty", "opsgenie"] as const)("a storm, to %s", (kind) => {
  const many = Array.from({ length: 12 }, (_, index) => `web-${10 + index}`);

  it("opens and closes each incident there, in no digest", async () => {
    const receiver = await newChannel(kind);
    const drain = newDrain();
    const tells = async (event: "firing" | "resolved", number: number, at: number) => {
      await puts(
        many.map((id) => told(id, number, event)),
        at,
      );
      for (const later of [0, 1, 2]) await drain.drain(at + later * 1_000);
    };
    await tells("firing", 1, T0);
    await tells("resolved", 2, T0 + MINUTE);
    const { received, complaints } = await receiver.told();
    expect(complaints).toEqual([]);
    expect(received.map(({ action, about }) => `${action} ${about}`)).toEqual([
      ...many.map((id) => `told ${id}`),
      ...many.map((id) => `resolved ${id}`),
    ]);
    expect((await outbox()).filter(({ kind: each }) => each === "digest")).toEqual([]);
  });

  it("is not paced by what was sent before, for whoever begins anew", async () => {
    const receiver = await newChannel(kind);
    await puts(
      many.slice(0, 6).map((id) => told(id, 1, "firing")),
      T0,
    );
    await newDrain().drain(T0);
    await puts([told("web-30", 1, "firing", { severity: "warning" })], T0 + 1_000);
    await newDrain().drain(T0 + 1_000);
    expect((await receiver.told()).received.at(-1)!.about).toBe("web-30");
  });
});

describe("what a receiver says", () => {
  it("is kept without what is secret of its address", async () => {
    const receiver = await newChannel("slack");
    const { pathname } = new URL(String(receiver.config["url"]));
    await receiver.break({ kind: "says", status: 400, body: `Cannot POST ${pathname}` });
    await puts([told("web-1", 1, "firing")], T0);
    await newDrain().drain(T0);
    const [, answer] = (await standing())["web-1.1.a"]!;
    expect(answer).toContain("Cannot POST ****");
    expect(answer).not.toContain("XXXX");
    expect((await channelOf("a")).problem!.message).toBe(answer);
  });
});

describe("the key for this browser", () => {
  it("is read once by whoever sends, however many messages there are", async () => {
    const receiver = await newChannel("webpush");
    const drain = newDrain();
    await puts([told("web-1", 1, "firing")], T0);
    await drain.drain(T0);
    await outboxDb.delete(notifySetting);
    await puts([told("web-2", 1, "firing")], T0 + 1_000);
    await drain.drain(T0 + 1_000);
    expect((await receiver.told()).received).toHaveLength(2);
    // Whoever asks for one that is not there makes it.
    expect(await outboxDb.select().from(notifySetting)).toEqual([]);
  });
});
