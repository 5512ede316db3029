import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Doors, done, REFUSED } from "../doors.ts";
import { MisbehavingIssuer, type Misbehaviour } from "../outside/misbehaving-issuer.ts";

let issuer: MisbehavingIssuer;
let doors: Doors;

const save = (id: string, more: Record<string, unknown> = {}) =>
  doors.putProvider(id, {
    kind: "oidc",
    name: "Odd",
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: issuer.clientSecret,
    ...more,
  });

function atOwnDoors(): void {
  beforeAll(async () => {
    [doors, issuer] = await Promise.all([Doors.open(), MisbehavingIssuer.start()]);
    await done(save("odd", { joinRole: "viewer", joinDomains: ["odd.example"] }));
  });
  afterEach(() => {
    issuer.behaviour = "none";
    issuer.claims = {};
  });
  afterAll(async () => {
    await doors.close();
    await issuer.stop();
  });
}

const OF_ITS_TOKEN: [Misbehaviour, RegExp][] = [
  ["wrong nonce", /nonce/],
  ["no nonce", /nonce/],
  ["wrong audience", /aud/],
  ["other party", /azp|authorized party/],
  ["unsigned", /signature.*unsupported JWS/],
  ["public key as secret", /signature.*unsupported JWS/],
  ["expired", /exp/],
  ["foreign key", /signature/],
  ["other issuer in the token", /iss/],
];
const OF_ITS_ANSWERS: [Misbehaviour, RegExp][] = [
  ["other issuer in the address", /iss/],
  ["no issuer in the address", /iss/],
  ["slow", /within 8 seconds/],
  ["cut off", /broke off/],
  ["fails", /unexpected HTTP status/],
  ["answers in HTML", /content-type|JSON/],
  ["redirects", /unexpected HTTP status/],
  ["endless", /too large/],
];

describe.each([
  ["with its tokens", OF_ITS_TOKEN],
  ["with its answers", OF_ITS_ANSWERS],
])("an issuer that misbehaves %s", (_, misbehaviours) => {
  atOwnDoors();

  it("one signs in while it behaves", async () => {
    issuer.claims = { sub: "gus", email: "gus@odd.example", email_verified: true, name: "Gus" };
    const gus = doors.browser();
    expect(await gus.signInAt("odd")).toBe("/");
    expect((await gus.session())?.person).toMatchObject({ name: "Gus", email: "gus@odd.example" });
  });

  it.each(misbehaviours)("signs nobody in: %s", async (behaviour, reason) => {
    issuer.claims = { sub: "gus", email: "gus@odd.example", email_verified: true };
    issuer.behaviour = behaviour;
    const who = doors.browser();
    await doors.expectRefused(who, await who.signInAt("odd"), reason);
  });
});

describe("an issuer that misbehaves", () => {
  atOwnDoors();

  it("a callback that is repeated asks the issuer nothing", async () => {
    issuer.behaviour = "fails";
    const who = doors.browser();
    const callback = await who.wayBack(await who.leaveFor("odd"));
    const before = new Map(who.cookies());
    await who.fetch(callback);
    const asked = issuer.tokenRequests;
    for (let n = 0; n < 3; n++) {
      for (const [name, value] of before) who.cookies().set(name, value);
      expect((await who.fetch(callback)).headers.get("location")).toBe(REFUSED);
    }
    expect(issuer.tokenRequests).toBe(asked);
  });

  it.each<[Misbehaviour, RegExp]>([
    ["slow", /within 8 seconds/],
    ["cut off", /broke off/],
    ["fails", /answered 500/],
    ["answers in HTML", /not JSON/],
    ["redirects", /answered 302/],
    ["endless", /too large/],
    ["other issuer in the discovery document", /another issuer/],
    ["no authorization endpoint", /no authorization endpoint/],
    ["keys at a private address", /keys/],
  ])("it is not saved: %s", async (behaviour, message) => {
    issuer.behaviour = behaviour;
    const reply = await save("new");
    const text = await reply.text();
    expect({ status: reply.status, ...(JSON.parse(text) as object) }).toMatchObject({
      status: 422,
      code: "identity_provider_unfit",
      field: "issuer",
      message: expect.stringMatching(message) as string,
    });
    expect(text).not.toContain("script");
  });

  it.each([
    ["nobody is there", "http://127.0.0.1:1", 422, "issuer"],
    ["another machine without TLS", "http://id.example.com", 422, "issuer"],
    ["the metadata service", "http://169.254.169.254", 422, "issuer"],
    ["credentials in the address", "https://a:b@id.example.com", 422, "issuer"],
  ])("it is not saved: %s", async (_, address, status, field) => {
    const reply = await save("new", { issuer: address });
    expect({ status: reply.status, ...((await reply.json()) as object) }).toMatchObject({ status, field });
  });

  it.each([
    ["Capital", {}, "id"],
    ["-dash", {}, "id"],
    ["access", {}, "id"],
    ["x".repeat(41), {}, "id"],
    ["new", { joinRole: "viewer" }, "joinDomains"],
    ["new", { joinRole: "owner", joinDomains: ["odd.example"] }, "joinRole"],
    ["new", { clientSecret: undefined }, "clientSecret"],
    ["new", { issuer: undefined }, "issuer"],
  ])("a provider that is not well described is not saved: %s %j", async (id, more, field) => {
    const reply = await save(id, more);
    expect({ status: reply.status, ...((await reply.json()) as object) }).toMatchObject({
      status: 400,
      code: "invalid_field",
      field,
    });
  });

  it("its secret is kept when none is sent, and goes to no other issuer", async () => {
    await done(save("odd", { clientSecret: undefined, joinRole: "viewer", joinDomains: ["odd.example"] }));
    issuer.claims = { sub: "gus", email: "gus@odd.example", email_verified: true };
    expect(await doors.browser().signInAt("odd")).toBe("/");
    const other = await MisbehavingIssuer.start();
    onTestFinished(() => other.stop());
    const reply = await save("odd", { clientSecret: undefined, issuer: other.issuer });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ field: "clientSecret" });
    // With a new secret it may be another's, and then accounts of the one before open nothing.
    await done(save("odd", { issuer: other.issuer, clientSecret: other.clientSecret }));
    other.claims = { sub: "gus", email: "nobody@odd.example", email_verified: true };
    const who = doors.browser();
    await doors.expectRefused(who, await who.signInAt("odd"), /not invited/);
  });

  it("there are at most twenty", async () => {
    const ways = (await (await doors.owner.fetch("/api/sign-in-ways")).json()) as { identityProviders: unknown[] };
    const { identityProviders } = ways;
    for (let n = identityProviders.length; n < 20; n++) await done(save(`many-${n}`));
    const reply = await save("one-too-many");
    expect(reply.status).toBe(409);
    expect(await reply.json()).toMatchObject({ code: "too_many_kept" });
    await done(save("many-19"));
    for (let n = identityProviders.length; n < 20; n++) {
      await done(doors.owner.call("DELETE", `/api/sign-in-ways/identity-providers/many-${n}`));
    }
  });
});
