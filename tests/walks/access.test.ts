import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Doors, done } from "../doors.ts";
import { AccessTeam } from "../outside/access-team.ts";
import type { PlainBrowser } from "../plain-browser.ts";

/** The library asks for a team's keys again at most so often. */
const KEYS_COOLDOWN_MS = 30_500;

let team: AccessTeam;
let doors: Doors;

function atOwnDoors(): void {
  beforeAll(async () => {
    [doors, team] = await Promise.all([Doors.open(), AccessTeam.start()]);
  });
  afterAll(async () => {
    await doors.close();
    await team.stop();
  });
}

const knock = (who: PlainBrowser, assertion?: string) =>
  who.call("POST", "/api/sign-in/access", undefined, assertion ? { "cf-access-jwt-assertion": assertion } : {});
const save = (more: Record<string, unknown> = {}) =>
  doors.owner.call("PUT", "/api/sign-in-ways/access", { issuer: team.issuer, audience: team.audience, ...more });
const person = { sub: "7335d417-61da-459d-899c-0a01c76a2f94", email: "kim@team.example" };
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

async function expectNoAccess(assertion: string | undefined, reason: RegExp): Promise<void> {
  const who = doors.browser();
  const reply = await knock(who, assertion);
  expect(reply.status).toBe(401);
  expect(reply.headers.getSetCookie()).toEqual([]);
  // The same words for every reason.
  expect(await reply.json()).toEqual({
    error: "Unauthorized",
    code: "access_refused",
    message: "Cloudflare Access does not sign you in here.",
    remedy: "Choose another way to sign in, or ask for an invitation.",
  });
  expect(await doors.reasons(who)).toEqual([expect.stringMatching(reason)]);
}

describe("through Cloudflare Access", () => {
  atOwnDoors();

  it("nobody comes in while it is not set up", async () => {
    await expectNoAccess(await team.assertion(person), /not set up/);
  });

  it("it is not set up without its keys, or as somebody else's", async () => {
    team.isBroken = true;
    const broken = await save();
    expect(broken.status).toBe(422);
    expect(await broken.json()).toMatchObject({ code: "identity_provider_unfit", field: "issuer" });
    team.isBroken = false;
    for (const issuer of ["https://evil.example.com", "http://team.cloudflareaccess.com"]) {
      expect((await save({ issuer })).status).toBe(400);
    }
    expect((await save({ joinRole: "viewer" })).status).toBe(400);
    await done(save({ issuer: `${team.issuer}/`, joinRole: "viewer", joinDomains: ["team.example"] }));
  });

  it("one joins by the domain, and is known from then on", async () => {
    const kim = doors.browser();
    const reply = await knock(kim, await team.assertion(person));
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ way: "access", person: { email: "kim@team.example", role: "viewer" } });
    expect(await kim.session()).toMatchObject({ way: "access", person: { email: "kim@team.example" } });
    expect((await knock(doors.browser(), await team.assertion({ ...person, email: "new@name.example" }))).status).toBe(
      200,
    );
  });

  it("nobody comes in by anything that is not an assertion of this team for this application", async () => {
    await expectNoAccess(undefined, /did not come through it/);
    await expectNoAccess(await team.assertion({ ...person, iat: inSeconds(-900), exp: inSeconds(-120) }), /exp/);
    await expectNoAccess(await team.assertion({ ...person, nbf: inSeconds(120) }), /nbf/);
    await expectNoAccess(await team.assertion({ ...person, exp: undefined }), /exp/);
    await expectNoAccess(await team.assertion({ ...person, aud: ["e".repeat(64)] }), /aud/);
    await expectNoAccess(await team.assertion({ ...person, iss: "https://other.cloudflareaccess.com" }), /iss/);
    await expectNoAccess(await team.assertion({ sub: "", common_name: "robot.access" }), /no person/);
    await expectNoAccess(await team.assertion({ ...person, sub: "other", email: "x@else.example" }), /not invited/);
  });
});

describe("through Cloudflare Access, with a key", () => {
  atOwnDoors();
  beforeAll(() => done(save({ joinRole: "viewer", joinDomains: ["team.example"] })));

  it("nobody comes in who has not got the team's", async () => {
    const good = await team.assertion(person);
    await expectNoAccess(team.unsigned(person), /alg/i);
    await expectNoAccess(team.withPublicKey(person), /alg/i);
    await expectNoAccess(await team.withOtherAlgorithm(person), /alg/i);
    await expectNoAccess(good.slice(0, -20), /signature/);
    await expectNoAccess(good.slice(0, good.lastIndexOf(".")), /JWS|JWT/);
    await expectNoAccess(await team.assertion(person, { foreign: true }), /signature/);
  });

  it("a new key of the team works without a restart, and the keys are not asked for at every knock", async () => {
    await setTimeout(KEYS_COOLDOWN_MS);
    await team.rotate();
    const before = team.keysAsked;
    expect((await knock(doors.browser(), await team.assertion(person))).status).toBe(200);
    expect((await knock(doors.browser(), await team.assertion(person))).status).toBe(200);
    expect(team.keysAsked).toBe(before + 1);
  });

  it("which is switched off, nobody comes in", async () => {
    await done(doors.owner.call("DELETE", "/api/sign-in-ways/access"));
    await expectNoAccess(await team.assertion(person), /not set up/);
    expect((await doors.entries("?action=access.removed"))[0]).toMatchObject({
      before: expect.stringContaining("team.example may join as viewer") as string,
    });
  });
});
