import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

const API_KEY = "eb243592-faa2-4ba2-a551-1afdf565c889";

interface Alert {
  message?: string;
  alias?: string;
  description?: string;
  tags?: string[];
  details?: Record<string, string>;
  priority?: string;
  source?: string;
  user?: string;
  note?: string;
}

const CHANGES = ["priority", "message"] as const;

/** Opsgenie's Alert API: it takes a request, and works on it later. What is asked again for an alert that is open only counts there. */
export class OpsgenieReceiver extends Receiver {
  /** By alias. */
  readonly #open = new Map<string, Alert>();

  get config() {
    return { apiKey: API_KEY, site: "us", endpoint: this.url };
  }

  /** An alert that is open is changed with PUT, which {@link answer} looks at. */
  protected override expect(isSo: boolean, complaint: string): void {
    super.expect(isSo || complaint === "PUT instead of POST", complaint);
  }

  protected answer(asked: Asked): Reply {
    const { url, headers, method } = asked;
    if (headers.authorization !== `GenieKey ${API_KEY}`) return this.refusal();
    const body = JSON.parse(asked.body) as Alert;
    const [, alias = "", what = ""] = /^\/v2\/alerts\/([^/]+)\/(close|priority|message)$/.exec(url.pathname) ?? [];
    const isCreated = url.pathname === "/v2/alerts";
    const changed = CHANGES.find((one) => one === what);
    if ((!isCreated && what === "") || method !== (changed ? "PUT" : "POST")) return problem(404, "Not Found");
    const before = this.complaints.length;
    if (isCreated) this.#lookAt(body);
    else this.expect(url.searchParams.get("identifierType") === "alias", "it would be found by its id");
    if (what === "close") this.atMost("note", body.note, 25_000);
    if (changed === "message") this.atMost("message", body.message, 130);
    if (changed === "priority") this.expect(/^P[1-5]$/.test(body.priority ?? ""), `priority ${body.priority}`);
    if (!changed) {
      this.atMost("source", body.source, 100);
      this.atMost("user", body.user, 100);
    }
    if (this.complaints.length > before) return problem(422, "Request body is not processable.");
    if (changed) this.#change(decodeURIComponent(alias), changed, body);
    else if (isCreated) this.#create(asked, body);
    else this.#close(asked, body, decodeURIComponent(alias));
    return json({ result: "Request will be processed", took: 0.302, requestId: "43a29c5c-3dbf-4fa4" }, 202);
  }

  #create(asked: Asked, body: Alert): void {
    const { message, description, note } = body;
    const alias = body.alias!;
    const alert = this.#open.get(alias) ?? { ...body };
    this.#open.set(alias, alert);
    const read = [message, description, note].join("\n");
    // As it stands there: with what changes it later.
    const taken = { action: "told", about: alias, id: body.details!["message"]!, read } as const;
    this.take(asked, alert, { ...taken, link: body.details?.["url"] ?? null });
  }

  #change(alias: string, what: (typeof CHANGES)[number], body: Alert): void {
    const alert = this.#open.get(alias);
    if (alert) alert[what] = body[what]!;
    else this.complaints.push(`${what} of an alert that is not open`);
  }

  #close(asked: Asked, body: Alert, alias: string): void {
    this.#open.delete(alias);
    this.take(asked, body, { action: "resolved", about: alias, id: alias, read: body.note ?? "", link: null });
  }

  #lookAt({ message, alias, description, tags = [], details = {}, priority = "" }: Alert): void {
    this.atMost("message", message, 130);
    this.atMost("alias", alias, 512);
    this.atMost("description", description, 15_000);
    this.expect(/^P[1-5]$/.test(priority), `priority ${priority}`);
    this.expect(tags.length <= 20 && tags.every((tag) => tag.length <= 50), "too many tags, or too long ones");
    this.expect(JSON.stringify(details).length <= 8_000, "details are too long");
  }

  protected refusal = () => problem(403, "You are not authorized to execute this action");
  protected gone = () => problem(422, "Api key of a disabled integration.");
  protected tooOften = (seconds: number) => ({
    ...problem(429, "You are making too many requests! To avoid, please read docs.opsgenie.com"),
    headers: { "retry-after": String(seconds) },
  });
}

function problem(status: number, message: string): Reply {
  return json({ message, took: 0.001, requestId: "rId" }, status);
}
