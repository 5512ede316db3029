import type { ProviderKind } from "../../../../contract/provider-kinds.ts";
import type { NewAccount } from "./accounts.svelte.ts";

type Credentials = NewAccount["credentials"];

/** A key as it is typed. What another cloud would ask for is kept beside it, so that a look at it loses nothing. */
export interface KeyDraft {
  apiKey: string;
  accessKeyId: string;
  secretAccessKey: string;
  regions: string;
  serviceAccount: string;
  project: string;
  digitaloceanToken: string;
  hetznerToken: string;
}

export const emptyKey = (): KeyDraft => ({
  apiKey: "",
  accessKeyId: "",
  secretAccessKey: "",
  regions: "",
  serviceAccount: "",
  project: "",
  digitaloceanToken: "",
  hetznerToken: "",
});

/** What was typed as it is sent, or what is wrong with it and where, before anybody is asked. */
export type KeyTyped = { credentials: Credentials } | { field: keyof KeyDraft; problem: string };

export function keyTyped(kind: ProviderKind, draft: KeyDraft): KeyTyped {
  const missing = REQUIRED[kind].find(({ field }) => draft[field].trim() === "");
  if (missing) return { field: missing.field, problem: missing.problem };
  switch (kind) {
    case "vultr":
      return { credentials: { kind, apiKey: draft.apiKey.trim() } };
    case "aws":
      return awsKey(draft);
    case "gcp":
      return gcpKey(draft);
    case "digitalocean":
      return { credentials: { kind, token: draft.digitaloceanToken.trim() } };
    case "hetzner":
      return { credentials: { kind, token: draft.hetznerToken.trim() } };
  }
}

const REQUIRED: Record<ProviderKind, readonly { field: keyof KeyDraft; problem: string }[]> = {
  vultr: [{ field: "apiKey", problem: "Paste the API key." }],
  aws: [
    { field: "accessKeyId", problem: "Paste the access key id. It begins with AKIA." },
    { field: "secretAccessKey", problem: "Paste the secret access key, which is shown once when the key is made." },
  ],
  gcp: [{ field: "serviceAccount", problem: "Paste the JSON file of the key, or choose it." }],
  digitalocean: [{ field: "digitaloceanToken", problem: "Paste the token. It begins with dop_v1_." }],
  hetzner: [{ field: "hetznerToken", problem: "Paste the token of the project." }],
};

function awsKey({ accessKeyId, secretAccessKey, regions }: KeyDraft): KeyTyped {
  const names = regions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const wrong = names.find((name) => !/^[a-z]{2}(-[a-z]+)+-\d$/.test(name));
  if (wrong) return { field: "regions", problem: `${wrong} is no AWS region. They are called like eu-central-1.` };
  return {
    credentials: {
      kind: "aws",
      accessKeyId: accessKeyId.trim(),
      secretAccessKey: secretAccessKey.trim(),
      regions: [...new Set(names)],
    },
  };
}

function gcpKey({ serviceAccount, project }: KeyDraft): KeyTyped {
  const of = serviceAccountIn(serviceAccount);
  if ("problem" in of) return { field: "serviceAccount", problem: of.problem };
  return {
    credentials: {
      kind: "gcp",
      serviceAccount: serviceAccount.trim(),
      ...(project.trim() === "" ? {} : { project: project.trim() }),
    },
  };
}

/** Whose key a pasted file is, so that nobody sends the wrong one; or why it is none. */
export function serviceAccountIn(text: string): { email: string; project: string } | { problem: string } {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { problem: "This is not JSON. The whole file is needed, from { to }." };
  }
  const { type, client_email, private_key, project_id } = (file ?? {}) as Record<string, unknown>;
  if (type !== "service_account" || typeof client_email !== "string" || typeof private_key !== "string") {
    return { problem: "This JSON is not the key of a service account: it must hold its e-mail and its private key." };
  }
  return { email: client_email, project: typeof project_id === "string" ? project_id : "" };
}
