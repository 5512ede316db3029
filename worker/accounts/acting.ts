import { recordDone, type Done } from "../audit/record.ts";
import type { ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import type { SessionRow } from "../auth/table.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";

/** What the routes of this room say in common. */

/** Where an endpoint's row has no scope, it was a browser that the gate let through. */
export function sessionOfBrowser(c: ApiContext): SessionRow {
  const { via } = c.var.principal;
  if (via.kind !== "browser") throw new Error("The gate lets browsers through here, and nobody else.");
  return via.session;
}

/** Writes down what whoever is signed in has done. */
export async function record(c: ApiContext, done: Done): Promise<void> {
  await recordDone(database(c.env.DB), actorOf(c, c.var.principal), done, Date.now());
}

export function notFound(what: string): NephosError {
  return new NephosError("not_found", `There is no such ${what}.`, { field: "id", remedy: "Reload the page." });
}

export function emailTaken(): NephosError {
  return new NephosError("email_taken", "Somebody here has this address already.", {
    field: "email",
    remedy: "Use another one.",
  });
}
