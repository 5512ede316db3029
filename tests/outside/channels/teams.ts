import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

interface Run {
  type: string;
  text: string;
}
interface Element {
  type: string;
  inlines?: Run[];
}
interface Card {
  type?: string;
  version?: string;
  body?: Element[];
  actions?: { type: string; title: string; url: string }[];
}

const PATH = "/workflows/0123456789abcdef/triggers/manual/paths/invoke";

/** A workflow of Power Automate that posts the card it gets to a channel of Teams. */
export class TeamsReceiver extends Receiver {
  get config() {
    return { url: `${this.url}${PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=Ab-cD_eF123` };
  }

  protected answer(asked: Asked): Reply {
    if (asked.url.pathname !== PATH || asked.url.searchParams.get("sig") !== "Ab-cD_eF123") return this.refusal();
    const bytes = Buffer.byteLength(asked.body);
    this.expect(bytes <= 28_000, `${bytes} bytes, at most 28,000 are taken`);
    const body = JSON.parse(asked.body) as { type?: string; attachments?: { contentType: string; content: Card }[] };
    const [attachment] = body.attachments ?? [];
    this.expect(body.type === "message" && body.attachments?.length === 1, "it is not a message with one card");
    this.expect(attachment?.contentType === "application/vnd.microsoft.card.adaptive", "the card is not adaptive");
    const { type, version, body: elements = [], actions = [] } = attachment?.content ?? {};
    this.expect(type === "AdaptiveCard" && /^1\.[0-5]$/.test(version ?? ""), `a ${type} of version ${version}`);
    const lines = elements.map((element) => {
      // A TextBlock and a Fact would take names for Markdown.
      this.expect(element.type === "RichTextBlock", `a ${element.type}`);
      return (element.inlines ?? []).map((run) => run.text).join("");
    });
    for (const one of lines) this.expect(one !== "", "an empty line");
    for (const action of actions) this.expect(action.type === "Action.OpenUrl", `an ${action.type}`);
    const read = lines.join("\n");
    this.take(asked, body, {
      action: read.startsWith("🟢") ? "resolved" : "told",
      about: null,
      id: decodeURIComponent(String(asked.headers["x-ms-client-tracking-id"])),
      read,
      link: actions[0]?.url ?? null,
    });
    const headers = { "x-ms-workflow-run-id": "08585000000000000000CU00" };
    return { status: 202, type: "text/plain", body: "", headers };
  }

  protected refusal = () =>
    json({ error: { code: "AuthorizationFailed", message: "The authentication credentials are not valid." } }, 401);
  protected gone = () =>
    json(
      {
        error: {
          code: "WorkflowTriggerIsNotEnabled",
          message: "Could not execute workflow '0123' trigger 'manual' with state 'Disabled': trigger is not enabled.",
        },
      },
      400,
    );
  protected tooOften = (seconds: number) => ({
    ...json({ error: { code: "WorkflowTriggerRequestThrottled", message: "Too many requests." } }, 429),
    headers: { "retry-after": String(seconds) },
  });
}
