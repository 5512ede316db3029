import { describe, expect, it } from "vitest";
import type { Fault } from "../../tests/outside/cloud.ts";
import { listAll, sessionWith, startCloud, type StartedCloud } from "../testing/outside.ts";
import { gcp } from "./gcp.ts";
import { refused } from "./gcp-refusal.ts";
import type { Session } from "./provider.ts";

const LIST = "GET /compute/v1/projects/nephos-test/aggregated/instances";
const TOKEN = "POST /token";

/** The file with other members; undefined leaves one out. */
function withFile(cloud: StartedCloud<"gcp">, members: object, now = Date.now()): Session<"gcp"> {
  const file: object = JSON.parse(cloud.credentials.serviceAccount);
  const serviceAccount = JSON.stringify({ ...file, ...members });
  return sessionWith({ ...cloud, credentials: { ...cloud.credentials, serviceAccount } }, { now });
}

describe("the key file of a service account", () => {
  it.each([
    ["no JSON", "nephos@example.iam.gserviceaccount.com", "no JSON"],
    ["a part of it", '{ "type": "service_account",', "no JSON"],
    ["a list", "[]", '"type"'],
    ["a user's", '{ "type": "authorized_user", "refresh_token": "1//0g-secret" }', '"type"'],
    ["without an address", '{ "type": "service_account", "private_key": "x" }', '"client_email"'],
    ["without a key", '{ "type": "service_account", "client_email": "a@b.example" }', '"private_key"'],
  ])("that is %s is refused in words, without a request", async (_what, serviceAccount, words) => {
    const cloud = await startCloud("gcp", 1);
    const session = sessionWith({ ...cloud, credentials: { kind: "gcp", serviceAccount } });
    const problem = gcp.page(session, null);
    await expect(problem).rejects.toMatchObject({ code: "key_refused", message: expect.stringContaining(words) });
    await expect(problem).rejects.toMatchObject({ message: expect.not.stringMatching(/1\/\/0g-secret|a@b|nephos@/) });
    expect((await cloud.told()).asked).toEqual({});
  });

  it("that holds a key which is none is refused in words, without a request", async () => {
    const cloud = await startCloud("gcp", 1);
    const private_key = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n";
    await expect(gcp.page(withFile(cloud, { private_key }), null)).rejects.toMatchObject({
      code: "key_refused",
      message: expect.stringContaining('"private_key"'),
    });
    expect((await cloud.told()).asked).toEqual({});
  });

  it("of another account, or with another's key, is refused by Google", async () => {
    const cloud = await startCloud("gcp", 1);
    const { privateKey } = (await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    )) as CryptoKeyPair;
    const bytes = Buffer.from((await crypto.subtle.exportKey("pkcs8", privateKey)) as ArrayBuffer);
    const private_key = `-----BEGIN PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END PRIVATE KEY-----\n`;
    for (const members of [{ private_key }, { client_email: "gone@nephos-test.iam.gserviceaccount.com" }]) {
      await expect(gcp.page(withFile(cloud, members), null)).rejects.toMatchObject({ code: "key_refused" });
    }
    expect((await cloud.told()).asked).toEqual({ [TOKEN]: 2 });
  });

  it.each([
    ["elsewhere by HTTP", "http://tokens.example/token", null, "https://oauth2.googleapis.com/token"],
    ["elsewhere", "https://tokens.example/token", null, "https://oauth2.googleapis.com/token"],
    ["nowhere", "", null, "https://oauth2.googleapis.com/token"],
    ["within a network", "https://10.0.0.1/token", "https://p.example", "https://oauth2.googleapis.com/token"],
    ["at home", "http://127.0.0.1:1/token", "https://p.example", "https://oauth2.googleapis.com/token"],
    ["with a name", "https://a:b@tokens.example/token", "https://p.example", "https://oauth2.googleapis.com/token"],
    ["at a cloud of its own", "https://tokens.example/token", "https://p.example", "https://tokens.example/token"],
    ["beside the API", "http://10.0.0.1/token", "http://10.0.0.1/api", "http://10.0.0.1/token"],
  ])("that sends for tokens %s is followed only as far as the account goes", async (_where, uri, endpoint, address) => {
    const cloud = await startCloud("gcp", 1);
    const asked: string[] = [];
    const ask: Session<"gcp">["ask"] = async (request) => {
      asked.push((await request()).url);
      return { status: 400, headers: new Headers(), text: "", json: { error: "invalid_grant" } };
    };
    const session = { ...withFile(cloud, { token_uri: uri }), endpoint, ask };
    await expect(gcp.page(session, null)).rejects.toMatchObject({ code: "key_refused" });
    expect(asked).toEqual([address]);
  });
});

describe("Google Cloud", () => {
  it("gives one token for many pages and ticks, and a new one shortly before its end", async () => {
    const cloud = await startCloud("gcp", 1_100);
    const now = Date.now();
    const session = sessionWith(cloud, { now: now - 58.5 * 60_000 });
    await listAll(gcp, session);
    await listAll(gcp, { ...session, now: now - 60_000 });
    expect((await cloud.told()).asked).toEqual({ [TOKEN]: 1, [LIST]: 6 });
    await gcp.page({ ...session, now }, null);
    const { asked, complaints } = await cloud.told();
    expect(asked).toEqual({ [TOKEN]: 2, [LIST]: 7 });
    expect(complaints).toEqual([]);
  });

  it("is not asked with a token any more that it has refused, nor with that of another key", async () => {
    const cloud = await startCloud("gcp", 1);
    const session = sessionWith(cloud);
    await cloud.order({ fault: { kind: "key_refused", on: "GET", times: 1 } });
    await expect(gcp.page(session, null)).rejects.toMatchObject({ code: "key_refused" });
    expect((await gcp.page(session, null)).instances).toHaveLength(1);
    expect((await cloud.told()).asked[TOKEN]).toBe(2);
    await gcp.page({ ...withFile(cloud, { client_id: "1" }), memo: session.memo }, null);
    expect((await cloud.told()).asked[TOKEN]).toBe(3);
  });

  it.each([-90, 10])("refuses a key that was signed with by a clock that is %i minutes off", async (minutes) => {
    const session = sessionWith(await startCloud("gcp", 1), { now: Date.now() + minutes * 60_000 });
    await expect(gcp.page(session, null)).rejects.toMatchObject({
      code: "key_refused",
      remedy: expect.stringContaining("clock"),
    });
  });

  it("tells of a machine what is asked for, and of nothing else", async () => {
    const cloud = await startCloud("gcp", 1);
    const { id } = cloud.machines[0]!;
    await cloud.order({ change: { [id]: { region: "europe-west1", plan: "custom-4-8192", tags: ["env=prod"] } } });
    expect((await gcp.page(sessionWith(cloud), null)).instances).toMatchObject([
      {
        id,
        zone: "europe-west1-b",
        image: "debian-12-bookworm",
        diskBytes: 210 * 2 ** 30,
        createdAt: Date.UTC(2024, 2, 5, 15, 8, 9, 123),
        tags: ["env:prod"],
        privateAddresses: [cloud.machines[0]!.privateAddress],
      },
    ]);
    expect((await cloud.told()).complaints).toEqual([]);
  });

  it("names the region of a zone that is out of reach, and lists the others", async () => {
    const cloud = await startCloud("gcp", 40);
    await cloud.order({ fault: { kind: "zone_unreachable" } });
    const { instances, unlisted } = await listAll(gcp, sessionWith(cloud));
    expect(unlisted).toEqual([{ region: "asia-east1", message: expect.stringContaining("could not list") }]);
    expect(new Set(instances.map(({ region }) => region))).toEqual(new Set(["europe-west1", "us-central1"]));
  });

  it.each<[Fault["kind"], string]>([
    ["hollow", "not_understood"],
    ["html", "not_understood"],
    ["ends_early", "not_understood"],
    ["cut", "unavailable"],
    ["failing", "unavailable"],
    ["too_often", "rate_limited"],
  ])("takes no list that is %s for a short one, though its token was good", async (kind, code) => {
    const cloud = await startCloud("gcp", 40);
    await cloud.order({ fault: { kind, on: "GET" } });
    await expect(gcp.page(sessionWith(cloud), null)).rejects.toMatchObject({ code });
  });

  it("lists nothing where it cannot be known what is out of reach", async () => {
    const cloud = await startCloud("gcp", 40);
    await cloud.order({ fault: { kind: "somewhere_unreachable" } });
    await expect(gcp.page(sessionWith(cloud), null)).rejects.toMatchObject({ code: "unavailable" });
  });

  it.each<[Fault["kind"], string, string]>([
    ["no_rights", "rights_missing", "roles/compute.viewer"],
    ["api_off", "rights_missing", "Enable the Compute Engine API"],
    ["address_refused", "address_refused", "VPC Service Controls"],
  ])("says of %s what to do", async (kind, code, words) => {
    const cloud = await startCloud("gcp", 1);
    await cloud.order({ fault: { kind } });
    await expect(gcp.page(sessionWith(cloud), null)).rejects.toMatchObject({
      code,
      remedy: expect.stringContaining(words),
    });
  });

  it("says of a project without billing what to do", () => {
    const json = { error: { code: 403, details: [{ links: [] }, { reason: "BILLING_DISABLED" }] } };
    const problem = refused({ status: 403, headers: new Headers(), text: "", json });
    expect(problem).toMatchObject({ code: "rights_missing", remedy: expect.stringContaining("billing account") });
  });

  it("looks at the project that was chosen, and says where there is none of that name", async () => {
    const cloud = await startCloud("gcp", 1);
    const session = sessionWith({ ...cloud, credentials: { ...cloud.credentials, project: "another-one" } });
    await expect(gcp.page(session, null)).rejects.toMatchObject({
      code: "rights_missing",
      message: expect.stringContaining("no such project"),
    });
    const chosen = { ...withFile(cloud, { project_id: undefined }) };
    await expect(gcp.page(chosen, null)).rejects.toMatchObject({ message: expect.stringContaining('"project_id"') });
    const credentials = { ...chosen.credentials, project: "nephos-test" };
    expect((await gcp.page({ ...chosen, credentials }, null)).instances).toHaveLength(1);
  });
});
