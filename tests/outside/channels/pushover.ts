import { json, readHtml, Receiver, type Asked, type Reply } from "./receiver.ts";

const APP = "azGDORePK8gMaC0QOYAMyEEuzJnyUi";
const USER = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG";

/** Pushover's message API: so many messages a month. */
export class PushoverReceiver extends Receiver {
  get config() {
    return { appToken: APP, userKey: USER, endpoint: this.url };
  }

  protected answer(asked: Asked): Reply {
    if (asked.url.pathname !== "/1/messages.json") return { status: 404, type: "text/html", body: "" };
    const body = JSON.parse(asked.body) as Record<string, unknown>;
    if (body["token"] !== APP) return this.refusal();
    if (body["user"] !== USER) return this.gone();
    const { title, message, html, priority, url = null, url_title, timestamp } = body;
    this.atMost("title", title, 250);
    this.atMost("message", message, 1_024);
    if (url !== null) {
      this.atMost("url", url, 512);
      this.atMost("url_title", url_title, 100);
    }
    this.expect(html === 1, "html is off");
    this.expect([-2, -1, 0, 1].includes(priority as number), `priority ${String(priority)}`);
    this.expect(Number.isInteger(timestamp), `timestamp ${String(timestamp)}`);
    const { read, wrong } = readHtml(String(message), ["b"]);
    this.expect(wrong.length === 0, `HTML that is none: ${wrong.join(" ")}`);
    const link = url === null ? null : String(url);
    this.take(asked, body, { action: "told", about: null, id: null, read: `${String(title)}\n${read}`, link });
    return { ...json({ status: 1, request: "647d2300-702c-4b38-8b2f-d56326ae460b" }), headers: left(7_496) };
  }

  protected refusal = () => problem(400, { token: "invalid", errors: ["application token is invalid"] });
  protected gone = () =>
    problem(400, { user: "invalid", errors: ["user identifier is not a valid user, group, or subscribed user key"] });
  protected tooOften = () => ({
    ...problem(429, { errors: ["application is over its quota of 10000 messages per month"] }),
    headers: left(0),
  });
}

function problem(status: number, body: object): Reply {
  return json({ ...body, status: 0, request: "5042853c-402d-4a18-abcb-168734a801de" }, status);
}

/** Until the first of December 2030. */
function left(messages: number): Record<string, string> {
  const reset = Date.UTC(2030, 11, 1, 6) / 1_000;
  return {
    "x-limit-app-limit": "10000",
    "x-limit-app-remaining": String(messages),
    "x-limit-app-reset": String(reset),
  };
}
