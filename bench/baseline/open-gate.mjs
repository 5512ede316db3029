// In the place of worker/auth/gate.ts in the bundle `ungated`: lets everybody in as an owner, and asks nothing of anybody.
export * from "../../worker/auth/gate.ts";

const PRINCIPAL = {
  person: { id: "nobody", name: "Nobody", email: null, role: "owner", tags: null },
  via: { kind: "browser", session: {} },
};

/** Takes the place of the one that stands in the file above. */
export const gate = () => async (c, next) => {
  c.set("principal", PRINCIPAL);
  await next();
};
