import type { Sentinel } from "./sentinel/sentinel.ts";

/** The one sentinel of this installation. */
export function sentinel(env: Env): DurableObjectStub<Sentinel> {
  const { SENTINEL } = env;
  return SENTINEL.get(SENTINEL.idFromName("the-only-one")) as unknown as DurableObjectStub<Sentinel>;
}
