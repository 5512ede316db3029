import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Receiver, text, type Asked, type Reply } from "./receiver.ts";

const SECRET = "whs_4f9a1c0d7be24a6f8e35";

/** The program that docs/channels.md gives to its readers: what it takes is what is sent. */
const [, shown = ""] =
  /```js\n(.*?)```/s.exec(readFileSync(join(import.meta.dirname, "../../../docs/channels.md"), "utf8")) ?? [];
const { isFromNephos } = (await import(`data:text/javascript,${encodeURIComponent(shown)}`)) as {
  isFromNephos(body: string, header: string, secret: string, now: number): boolean;
};

/** Somebody's own receiver: looks at the signature as docs/channels.md says, at the second it names. */
export class WebhookReceiver extends Receiver {
  get config() {
    return { url: `${this.url}/hooks/nephos?key=k1`, secret: SECRET };
  }

  protected answer(asked: Asked): Reply {
    const { headers, url, body } = asked;
    this.expect(url.pathname === "/hooks/nephos" && url.search === "?key=k1", `asked at ${url.pathname}${url.search}`);
    this.expect(headers["content-type"] === "application/json", `content-type ${headers["content-type"]}`);
    const signature = String(headers["nephos-signature"]);
    const at = Number(/^t=(\d+),/.exec(signature)?.[1]) * 1_000;
    if (!isFromNephos(body, signature, SECRET, at)) return this.refusal();
    this.expect(!isFromNephos(body, signature, SECRET, at + 301_000), "a signature of long ago is taken");
    this.expect(!isFromNephos(`${body} `, signature, SECRET, at), "another body is taken");
    const payload = JSON.parse(body) as Record<string, unknown>;
    this.expect(payload["version"] === 1, `version ${String(payload["version"])}`);
    this.expect(
      headers["nephos-id"] === encodeURIComponent(String(payload["id"])),
      "nephos-id is not the payload's id",
    );
    this.take(asked, payload, {
      action: payload["isResolved"] === true ? "resolved" : "told",
      about: payload["incidentId"] as string | null,
      id: decodeURIComponent(String(headers["nephos-id"])),
      read: [payload["subject"], payload["summary"], payload["advice"], payload["facts"]].flat(3).join("\n"),
      link: String(payload["url"]),
    });
    return { status: 204, type: "text/plain", body: "" };
  }

  protected refusal = () => text("wrong signature", 401);
  protected gone = () => text("no longer here", 410);
  protected tooOften = (seconds: number) => text("slow down", 429, { "retry-after": String(seconds) });
}
