import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

const TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";

/** A server of ntfy, whose topic is reserved. */
export class NtfyReceiver extends Receiver {
  get config() {
    return { server: this.url, topic: "nephos-a7f3", token: TOKEN };
  }

  protected answer(asked: Asked): Reply {
    const { url, headers } = asked;
    if (url.pathname !== "/") return problem(404, 40_401, "page not found");
    if (headers.authorization === undefined) return problem(403, 40_301, "forbidden");
    if (headers.authorization !== `Bearer ${TOKEN}`) return this.refusal();
    const body = JSON.parse(asked.body) as Record<string, unknown>;
    if (body["topic"] !== "nephos-a7f3") return problem(403, 40_301, "forbidden");
    const { title, message, priority, tags, click } = body;
    this.atMost("title", title, 250);
    const bytes = Buffer.byteLength(String(message));
    this.expect(bytes > 0 && bytes <= 4_096, `a message of ${bytes} bytes becomes an attachment`);
    this.expect([1, 2, 3, 4, 5].includes(priority as number), `priority ${String(priority)}`);
    this.expect(Array.isArray(tags) && tags.every((tag) => /^[a-z_]+$/.test(String(tag))), "tags are none");
    this.expect(URL.canParse(String(click)), "click leads nowhere");
    this.take(asked, body, {
      action: String(tags) === "white_check_mark" ? "resolved" : "told",
      about: null,
      id: null,
      read: `${String(title)}\n${String(message)}`,
      link: String(click),
    });
    return json({ id: "xE73Iyuabi", time: 1_700_000_000, expires: 1_700_043_200, event: "message", ...body });
  }

  protected refusal = () => problem(401, 40_101, "unauthorized");
  protected gone = () => problem(403, 40_301, "forbidden");
  protected tooOften = (seconds: number) => ({
    ...problem(429, 42_901, "limit reached: too many requests"),
    headers: { "retry-after": String(seconds) },
  });
}

function problem(http: number, code: number, error: string): Reply {
  return json({ code, http, error, link: "https://ntfy.sh/docs/publish/" }, http);
}
