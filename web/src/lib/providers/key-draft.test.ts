import { expect, test } from "vitest";
import { PROVIDER_KINDS } from "../../../../contract/provider-kinds.ts";
import { credentialsSchema } from "../../../../contract/providers.ts";
import { emptyKey, keyTyped, serviceAccountIn } from "./key-draft.ts";

const file = JSON.stringify({
  type: "service_account",
  project_id: "acme-prod",
  client_email: "nephos@acme-prod.iam.gserviceaccount.com",
  private_key: "-----BEGIN PRIVATE KEY-----",
});
const full = {
  apiKey: " VULTR ",
  accessKeyId: "AKIA123",
  secretAccessKey: "s3cret",
  regions: "eu-central-1, US-EAST-1  us-east-1",
  serviceAccount: file,
  project: "",
  digitaloceanToken: "dop_v1_1",
  hetznerToken: "h1",
};

test.each(PROVIDER_KINDS)("what is typed for %s is what the server takes", (kind) => {
  const typed = keyTyped(kind, full);
  if (!("credentials" in typed)) throw new Error(typed.problem);
  expect(typed.credentials.kind).toBe(kind);
  expect(credentialsSchema.safeParse(typed.credentials).success).toBe(true);
});

test.each(PROVIDER_KINDS)("nothing is sent to %s without a key", (kind) => {
  expect(keyTyped(kind, emptyKey())).toHaveProperty("problem");
});

test("regions are taken as they are written, once each, and a wrong one is named", () => {
  expect(keyTyped("aws", full)).toMatchObject({ credentials: { regions: ["eu-central-1", "us-east-1"] } });
  expect(keyTyped("aws", { ...full, regions: "frankfurt" })).toEqual({
    field: "regions",
    problem: "frankfurt is no AWS region. They are called like eu-central-1.",
  });
  expect(keyTyped("aws", { ...full, regions: "" })).toMatchObject({ credentials: { regions: [] } });
});

test("a file is told by whose key it is, and what is none is not sent", () => {
  expect(serviceAccountIn(file)).toEqual({ email: "nephos@acme-prod.iam.gserviceaccount.com", project: "acme-prod" });
  const keyless = JSON.stringify({ type: "service_account", client_email: "a@b" });
  for (const wrong of [keyless, "", "{", "null", "[]", '"text"', '{"type":"authorized_user"}', file.slice(0, -1)]) {
    expect(serviceAccountIn(wrong)).toHaveProperty("problem");
    expect(keyTyped("gcp", { ...full, serviceAccount: wrong })).toMatchObject({ field: "serviceAccount" });
  }
});
