import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Doors, done, EXPIRED, REFUSED } from "../doors.ts";
import { GitHub } from "../outside/github.ts";
import { OidcProvider } from "../outside/oidc-provider.ts";

describe("at an OpenID provider", () => {
  let provider: OidcProvider;
  let doors: Doors;
  afterAll(async () => {
    await doors.close();
    await provider.stop();
  });

  beforeAll(async () => {
    doors = await Doors.open();
    provider = await OidcProvider.start(doors.callbackUrl, {
      ann: { email: "Ann@Example.com", email_verified: true, name: "Ann" },
      ben: { email: "ben@joins.example", email_verified: true, name: "Ben" },
      cas: { email: "cas@joins.example", email_verified: false, name: "Cas" },
      dee: { email: "dee@example.com", email_verified: true, name: "Dee" },
      eve: { name: "Eve" },
      fay: { email: "fay@joins.example", email_verified: true, name: "Fay" },
    });
    const { issuer, clientId, clientSecret } = provider;
    const body = { kind: "oidc", name: "Work", issuer, clientId, clientSecret };
    const join = { joinRole: "viewer", joinDomains: ["joins.example"] };
    await done(doors.putProvider("work", { ...body, ...join }));
  });

  it("one joins by an invitation, signs out, and in again", async () => {
    const ann = doors.browser();
    const invitation = await doors.invite("operator");
    expect(await ann.signInAt("work", { account: "ann", invitation, next: "/instances/web-1?range=1h" })).toBe(
      "/instances/web-1?range=1h",
    );
    const first = await ann.session();
    expect(first).toMatchObject({
      way: "identity_provider",
      person: { name: "Ann", email: "ann@example.com", role: "operator" },
    });
    await done(ann.call("DELETE", "/api/session"));
    expect(await ann.session()).toBe(null);
    expect(await ann.signInAt("work", { account: "ann", next: "//evil.example.com" })).toBe("/");
    expect((await ann.session())?.person.id).toBe(first!.person.id);
    const other = doors.browser();
    await doors.expectRefused(other, await other.signInAt("work", { account: "dee", invitation }), /was used already/);
  });

  it("one joins by the domain of a verified address, and by no other", async () => {
    const ben = doors.browser();
    expect(await ben.signInAt("work", { account: "ben" })).toBe("/");
    expect((await ben.session())?.person).toMatchObject({ name: "Ben", email: "ben@joins.example", role: "viewer" });
    for (const [account, reason] of [
      ["cas", /^at work: .*not verified/],
      ["dee", /^at work: .*not invited/],
      ["eve", /^at work: .*no e-mail address/],
    ] as const) {
      const stranger = doors.browser();
      await doors.expectRefused(stranger, await stranger.signInAt("work", { account }), reason);
    }
    const joined = (await doors.entries("?action=person.joined")).map(({ actor, after }) => ({ actor, after }));
    expect(joined).toContainEqual({ actor: "Ben", after: "viewer, by the domain of their e-mail address" });
  });

  it("who refuses there is refused here", async () => {
    const who = doors.browser();
    const callback = await who.wayBack(await who.leaveFor("work"), { refuse: "yes" });
    await doors.expectRefused(who, (await who.fetch(callback)).headers.get("location"), /access_denied/);
  });

  it("a callback works once, in one browser, with its own state", async () => {
    const fay = doors.browser();
    const callback = await fay.wayBack(await fay.leaveFor("work"), { account: "fay" });

    const thief = doors.browser();
    expect((await thief.fetch(callback)).headers.get("location")).toBe(EXPIRED);
    expect(await doors.reasons(thief)).toEqual([expect.stringMatching(/without having left/)]);

    const forged = new URL(callback);
    forged.searchParams.set("state", "x".repeat(43));
    await doors.expectRefused(fay, (await fay.fetch(forged.href)).headers.get("location"), /state/);
    forged.searchParams.delete("state");
    expect((await fay.fetch(forged.href)).headers.get("location")).toBe(REFUSED);

    const jar = fay.cookies();
    const before = new Map(jar);
    expect((await fay.fetch(callback)).headers.get("location")).toBe("/");
    const session = await fay.session();
    expect(session?.person.name).toBe("Fay");

    // The same again, with the cookies from before: as a copy of them would be used.
    const copy = doors.copyOf(before);
    await doors.expectRefused(copy, (await copy.fetch(callback)).headers.get("location"), /used already/);
    expect((await fay.session())?.id).toBe(session!.id);
  });

  it("of two uses of one callback at once, one makes a session", async () => {
    const ben = doors.browser();
    const callback = await ben.wayBack(await ben.leaveFor("work"), { account: "ben" });
    const twins = [doors.copyOf(ben.cookies()), doors.copyOf(ben.cookies())];
    const replies = await Promise.all(twins.map(async (twin) => (await twin.fetch(callback)).headers.get("location")));
    expect(replies.sort()).toEqual(["/", REFUSED]);
    expect((await Promise.all(twins.map((twin) => twin.session()))).filter(Boolean)).toHaveLength(1);
  });

  it("a session the browser came with ends when another begins", async () => {
    const who = doors.browser();
    await who.signInAt("work", { account: "ben" });
    const first = new Map(who.cookies());
    // Else the provider would know the browser again, and ask nothing.
    who.cookies(new URL(provider.issuer).host).clear();
    await who.signInAt("work", { account: "fay" });
    expect((await who.session())?.person.name).toBe("Fay");
    const copy = doors.copyOf(first);
    expect(await copy.session()).toBe(null);
  });

  it("its secret is sealed in the database, and shown to nobody", async () => {
    const reply = await doors.owner.fetch("/api/sign-in-ways");
    const text = await reply.text();
    expect(text).not.toContain(provider.clientSecret);
    expect(JSON.parse(text)).toMatchObject({
      callbackUrl: doors.callbackUrl,
      identityProviders: [
        { id: "work", kind: "oidc", name: "Work", issuer: provider.issuer, joinDomains: ["joins.example"] },
      ],
      access: null,
    });
    expect(JSON.stringify(await doors.entries())).not.toContain(provider.clientSecret);
    expect((await doors.browser().fetch("/api/sign-in-ways")).status).toBe(401);
    const ben = doors.browser();
    await ben.signInAt("work", { account: "ben" });
    expect((await ben.fetch("/api/sign-in-ways")).status).toBe(403);
    expect((await ben.call("DELETE", "/api/sign-in-ways/identity-providers/work")).status).toBe(403);
  });
});

describe("at GitHub", () => {
  let github: GitHub;
  let doors: Doors;
  afterAll(async () => {
    await doors.close();
    await github.stop();
  });
  const hal = { id: 583_231, login: "hal", name: null };
  const email = { email: "hal@hub.example", primary: true, verified: true };
  const backup = { email: "old@joins.example", primary: false, verified: true };
  const save = async () => {
    const { url: issuer, clientId, clientSecret } = github;
    const body = { kind: "github", name: "GitHub", issuer, clientId, clientSecret };
    const join = { joinRole: "operator", joinDomains: ["hub.example"] };
    await done(doors.putProvider("github", { ...body, ...join }));
  };

  beforeAll(async () => {
    doors = await Doors.open();
    github = await GitHub.start({ ...hal, emails: [backup, email] });
    await save();
  });

  it("one joins by the primary verified address, and stays the same under another name", async () => {
    const first = doors.browser();
    expect(await first.signInAt("github")).toBe("/");
    const session = await first.session();
    expect(session?.person).toMatchObject({ name: "hal", email: "hal@hub.example", role: "operator" });
    github.user = { ...hal, login: "renamed", emails: [] };
    const second = doors.browser();
    expect(await second.signInAt("github")).toBe("/");
    expect((await second.session())?.person.id).toBe(session!.person.id);
    expect(github.complaints).toEqual([]);
  });

  it.each([
    ["an unverified primary address", { id: 2, login: "ida", name: "Ida", emails: [{ ...email, verified: false }] }],
    [
      "a verified address that is not the primary one",
      { id: 3, login: "jon", name: "Jon", emails: [{ ...email, primary: false }] },
    ],
    ["the name that somebody else had", { id: 4, login: "hal", name: "Hal", emails: [] }],
  ])("nobody signs in by %s", async (_, user) => {
    github.user = user;
    const who = doors.browser();
    await doors.expectRefused(who, await who.signInAt("github"), /^at github: /);
  });

  it("a code that is none, or of another, opens nothing", async () => {
    github.user = { ...hal, emails: [email] };
    const who = doors.browser();
    const callback = new URL(await who.wayBack(await who.leaveFor("github")));
    callback.searchParams.set("code", "guessed");
    await doors.expectRefused(who, (await who.fetch(callback.href)).headers.get("location"), /^at github: /);

    // A code that was stolen in another browser: its verifier (PKCE) is there and not here.
    const [victim, thief] = [doors.browser(), doors.browser()];
    const stolen = new URL(await victim.wayBack(await victim.leaveFor("github"))).searchParams.get("code")!;
    const own = new URL(await thief.wayBack(await thief.leaveFor("github")));
    own.searchParams.set("code", stolen);
    await doors.expectRefused(thief, (await thief.fetch(own.href)).headers.get("location"), /^at github: /);
  });

  it("which is removed, its accounts open nothing any more, also when it is back", async () => {
    github.user = { ...hal, emails: [] };
    const inside = doors.browser();
    await inside.signInAt("github");
    expect((await inside.session())?.way).toBe("identity_provider");
    const late = doors.browser();
    const callback = await late.wayBack(await late.leaveFor("github"));
    await done(doors.owner.call("DELETE", "/api/sign-in-ways/identity-providers/github"));
    expect(await inside.session()).toBe(null);
    await doors.expectRefused(late, (await late.fetch(callback)).headers.get("location"), /removed meanwhile/);
    const unknown = await late.call("POST", "/api/sign-in/identity-provider", { id: "github" });
    expect(unknown.status).toBe(401);
    expect(await unknown.json()).toMatchObject({ code: "identity_provider_refused" });
    await save();
    const back = doors.browser();
    await doors.expectRefused(back, await back.signInAt("github"), /not known/);
  });
});
