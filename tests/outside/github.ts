import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { formOf, Listening } from "./listening.ts";

export interface GitHubUser {
  id: number;
  login: string;
  name: string | null;
  emails: { email: string; primary: boolean; verified: boolean }[];
}

interface Issued {
  user: GitHubUser;
  redirectUri: string;
  challenge: string;
}

/** GitHub as its documentation tells of it: OAuth, `/user` and `/user/emails`, the API below `/api/v3` as on GitHub Enterprise. */
export class GitHub {
  readonly clientId = "Iv1.0123456789abcdef";
  readonly clientSecret = "0123456789abcdef0123456789abcdef01234567";
  /** Who sits at the browser. */
  user: GitHubUser;
  /** What was sent to it and should not have been so. */
  readonly complaints: string[] = [];
  #codes = new Map<string, Issued>();
  #tokens = new Map<string, GitHubUser>();
  #listening!: Listening;

  private constructor(user: GitHubUser) {
    this.user = user;
  }

  static async start(user: GitHubUser): Promise<GitHub> {
    const github = new GitHub(user);
    github.#listening = await Listening.start((request, response) => void github.#answer(request, response));
    return github;
  }

  get url(): string {
    return this.#listening.url;
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const name = `${request.method} ${url.pathname}`;
    if (name === "GET /login/oauth/authorize") return this.#authorize(url, response);
    if (name === "POST /login/oauth/access_token") return this.#token(request, response);
    if (!url.pathname.startsWith("/api/v3/")) return json(response, { message: "Not Found" }, 404);
    const user = this.#tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    // The real one answers 403 with an explanation of its rules.
    if (!request.headers["user-agent"])
      return json(response, { message: "Request forbidden by administrative rules" }, 403);
    if (!user) return json(response, { message: "Bad credentials" }, 401);
    this.#expect(request.headers["x-github-api-version"] === "2022-11-28", "no API version");
    const { emails, ...profile } = user;
    if (name === "GET /api/v3/user") return json(response, { ...profile, type: "User", email: null });
    if (name === "GET /api/v3/user/emails") {
      return json(
        response,
        emails.map((entry) => ({ ...entry, visibility: entry.primary ? "private" : null })),
      );
    }
    json(response, { message: "Not Found" }, 404);
  }

  #authorize(url: URL, response: ServerResponse): void {
    const {
      client_id,
      redirect_uri = "",
      scope,
      state,
      code_challenge,
      code_challenge_method,
    } = Object.fromEntries(url.searchParams);
    this.#expect(client_id === this.clientId, "another client");
    this.#expect(scope === "read:user user:email", "other scopes");
    this.#expect(Boolean(state), "no state");
    this.#expect(code_challenge_method === "S256" && code_challenge?.length === 43, "no PKCE");
    const code = randomUUID().slice(0, 20);
    this.#codes.set(code, { user: this.user, redirectUri: redirect_uri, challenge: code_challenge ?? "" });
    const back = new URL(redirect_uri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", state ?? "");
    // Since April 2026.
    back.searchParams.set("iss", `${this.url}/login/oauth`);
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await formOf(request);
    const issued = this.#codes.get(form.get("code") ?? "");
    this.#codes.delete(form.get("code") ?? "");
    // Without this the real one answers as a form.
    this.#expect(request.headers.accept?.includes("application/json") === true, "JSON was not asked for");
    // Errors come with 200, as from the real one.
    if (form.get("client_id") !== this.clientId || form.get("client_secret") !== this.clientSecret) {
      return json(response, { error: "incorrect_client_credentials" });
    }
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!issued || issued.challenge !== verifier) return json(response, { error: "bad_verification_code" });
    if (issued.redirectUri !== form.get("redirect_uri")) return json(response, { error: "redirect_uri_mismatch" });
    const token = `gho_${randomUUID()}`;
    this.#tokens.set(token, issued.user);
    json(response, { access_token: token, token_type: "bearer", scope: "read:user,user:email" });
  }

  #expect(isSo: boolean, complaint: string): void {
    if (!isSo) this.complaints.push(complaint);
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}
