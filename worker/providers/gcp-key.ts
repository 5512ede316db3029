import { z } from "zod";
import type { CredentialsOf } from "../../contract/providers.ts";
import { ProviderProblem } from "./provider.ts";

/** What is needed of a service account's key file. */
export interface KeyFile {
  clientEmail: string;
  privateKey: string;
  /** Which of the account's keys it is. */
  privateKeyId: string | undefined;
  /** Where it says that tokens are to be had: a claim of whoever wrote the file. */
  tokenUri: string;
  project: string;
}

const kindSchema = z.object({ type: z.string() });
const fileSchema = z.object({
  client_email: z.string().includes("@"),
  private_key: z.string(),
  private_key_id: z.string().optional().catch(undefined),
  token_uri: z.string().catch(""),
  project_id: z.string().min(1).optional().catch(undefined),
});

/** Reads the file that was entered; says what it must be where it is not that. */
export function keyFileOf({ serviceAccount, project: chosen }: CredentialsOf<"gcp">): KeyFile {
  const json = parsed(serviceAccount);
  if (json === undefined)
    throw unfit("What was entered is not the JSON file of a Google service account: it is no JSON.");
  if (kindSchema.safeParse(json).data?.type !== "service_account") {
    throw unfit('What was entered is JSON, but not the key of a Google service account: its "type" is another.');
  }
  const { data: file, error } = fileSchema.safeParse(json);
  const lacking = error?.issues[0]?.path[0];
  if (!file) throw unfit(`The key file of the Google service account has no fit "${String(lacking)}".`);
  const project = chosen ?? file.project_id;
  if (project === undefined) throw unfit('The key file of the Google service account has no "project_id".');
  return {
    clientEmail: file.client_email,
    privateKey: file.private_key,
    privateKeyId: file.private_key_id,
    tokenUri: file.token_uri,
    project,
  };
}

/** A file by which nobody is let in. */
export function unfit(message: string): ProviderProblem {
  return new ProviderProblem(
    "key_refused",
    message,
    "In the Google Cloud console under IAM & Admin > Service Accounts, add a key of the type JSON, and enter the whole file as it was downloaded, from { to }.",
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
