import { ApiError, call } from "../api.ts";

/** What the accounts at clouds are called, by id. Without an answer they stay without names, which hides nothing. */
export async function accountNames(): Promise<ReadonlyMap<string, string>> {
  try {
    const { accounts } = await call("GET /api/provider-accounts");
    return new Map(accounts.map(({ id, name }) => [id, name]));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return new Map();
  }
}
