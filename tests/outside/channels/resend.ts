import { complaintsOf, readLetter, wantedError, type Letter } from "./letter.ts";
import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

const KEY = "re_c1tpEyD8_NKFusih9vKVQknRAQfmFcWCv";
const FROM = "nephos@example.com";

/** Resend's `POST /emails`, with its idempotency: what was taken under a key is not sent again under the same one. */
export class ResendReceiver extends Receiver {
  #taken = new Map<string, { body: string; id: string }>();

  get config() {
    return { apiKey: KEY, from: FROM, to: ["ops@example.com"], endpoint: `${this.url}/` };
  }

  protected answer(asked: Asked): Reply {
    const { headers, url, body } = asked;
    if (url.pathname !== "/emails") return problem(404, "not_found", "The requested endpoint does not exist");
    if (headers.authorization !== `Bearer ${KEY}`) return this.refusal();
    this.expect(headers["content-type"] === "application/json", `content-type ${headers["content-type"]}`);
    const key = String(headers["idempotency-key"] ?? "");
    if (key.length < 1 || key.length > 256)
      return problem(400, "invalid_idempotency_key", "The key must be between 1-256 chars");
    const letter = JSON.parse(body) as Letter;
    this.complaints.push(...complaintsOf(letter));
    const error = wantedError(letter.to);
    if (error) return problem(error.status, error.code, "It cannot be done.");
    const earlier = this.#taken.get(key);
    if (earlier && earlier.body !== body) {
      return problem(409, "invalid_idempotent_request", "This idempotency key was used with another body");
    }
    if (earlier) return json({ id: earlier.id });
    if (letter.from !== `Nephos <${FROM}>`) return this.gone();
    const id = `49a3999c-0ce1-4ea6-ab68-${String(this.#taken.size + 1).padStart(12, "0")}`;
    this.#taken.set(key, { body, id });
    this.take(asked, letter, readLetter(letter));
    return json({ id });
  }

  protected refusal = () => problem(401, "validation_error", "API key is invalid");
  protected gone = () =>
    problem(
      403,
      "validation_error",
      "The example.com domain is not verified. Please, add and verify your domain on https://resend.com/domains",
    );
  protected tooOften = (seconds: number) => ({
    ...problem(429, "rate_limit_exceeded", "Too many requests. You can only make 2 requests per second."),
    headers: { "retry-after": String(seconds) },
  });
}

function problem(statusCode: number, name: string, message: string): Reply {
  return json({ statusCode, name, message }, statusCode);
}
