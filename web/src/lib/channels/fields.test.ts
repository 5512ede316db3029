import { expect, test } from "vitest";
import { CHANNEL_KIND_NAMES, CHANNEL_SECRETS, type ChannelKind } from "../../../../contract/channel-kinds.ts";
import { channelConfigSchema } from "../../../../contract/channels.ts";
import { CHANNEL_FIELDS } from "./fields.ts";

const SHAPES = new Map(channelConfigSchema.options.map((option) => [option.shape.kind.value, option.shape]));
const namesOf = (kind: ChannelKind) => CHANNEL_FIELDS[kind].map(({ name }) => name);

test.each(CHANNEL_KIND_NAMES)("the form of %s has every field of the contract, and none besides", (kind) => {
  const { kind: _, ...shape } = SHAPES.get(kind)!;
  expect(namesOf(kind).toSorted()).toEqual(Object.keys(shape).toSorted());
});

test.each(CHANNEL_KIND_NAMES)("of %s exactly what is sealed is entered as a secret", (kind) => {
  const hidden = CHANNEL_FIELDS[kind].filter(({ as }) => as === "secret" || (as === "given" && kind === "webpush"));
  const secrets: readonly string[] = CHANNEL_SECRETS[kind];
  expect(hidden.map(({ name }) => name).filter((name) => name !== "browser")).toEqual(
    expect.arrayContaining([...secrets]),
  );
  expect(CHANNEL_FIELDS[kind].filter(({ as, name }) => as === "secret" && !secrets.includes(name))).toEqual([]);
});

test.each(CHANNEL_KIND_NAMES)("what may stay empty in the form of %s may stay so in the contract", (kind) => {
  const shape: Record<string, { safeParse: (value: unknown) => { success: boolean } }> = { ...SHAPES.get(kind)! };
  for (const { name, empty, as } of CHANNEL_FIELDS[kind]) {
    if (as === "given") continue;
    const mayBeAbsent = shape[name]!.safeParse(undefined).success || shape[name]!.safeParse(null).success;
    expect([name, empty !== undefined]).toEqual([name, mayBeAbsent]);
    if (empty !== undefined) expect(shape[name]!.safeParse(empty).success).toBe(true);
  }
});
