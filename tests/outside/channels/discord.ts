import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

interface Embed {
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  timestamp?: string;
}

const PATH = "/api/webhooks/1180000000000000000/aW5jb21pbmctd2ViaG9vay10b2tlbg";

/** A webhook of Discord, with the limits of its embeds. */
export class DiscordReceiver extends Receiver {
  get config() {
    return { url: `${this.url}${PATH}?thread_id=1190000000000000000` };
  }

  protected answer(asked: Asked): Reply {
    const { url } = asked;
    if (url.pathname !== PATH) return this.refusal();
    this.expect(url.searchParams.get("thread_id") === "1190000000000000000", "the thread is lost");
    const body = JSON.parse(asked.body) as {
      content?: string;
      embeds?: Embed[];
      allowed_mentions?: { parse: string[] };
    };
    const before = this.complaints.length;
    this.expect(JSON.stringify(body.allowed_mentions) === '{"parse":[]}', "names can call everyone");
    if (body.content !== undefined) this.atMost("content", body.content, 2_000);
    const embeds = body.embeds ?? [];
    this.expect(embeds.length > 0 && embeds.length <= 10, `${embeds.length} embeds`);
    let total = 0;
    for (const { title, description, color = 0, timestamp = "" } of embeds) {
      this.atMost("title", title, 256);
      this.atMost("description", description, 4_096);
      this.expect(Number.isInteger(color) && color >= 0 && color <= 0xff_ff_ff, `colour ${color}`);
      this.expect(!Number.isNaN(Date.parse(timestamp)), `timestamp ${timestamp}`);
      total += title!.length + description!.length;
    }
    this.expect(total <= 6_000, `${total} characters in all embeds`);
    if (this.complaints.length > before) return json({ message: "Invalid Form Body", code: 50_035, errors: {} }, 400);
    const { title = "", description = "", url: link = null } = embeds[0]!;
    const read = this.#read(`${title}\n${description}`);
    this.take(asked, body, { action: title.startsWith("🟢") ? "resolved" : "told", about: null, id: null, read, link });
    if (url.searchParams.get("wait") !== "true") return { status: 204, type: "text/plain", body: "" };
    return json({ id: "1200000000000000001", type: 0, channel_id: "1", embeds });
  }

  /** Bold is ours; any other sign of Markdown has to be escaped. */
  #read(markdown: string): string {
    const bare = markdown.replace(/\\[^0-9A-Za-z\s]/g, "").replace(/\*\*/g, "");
    this.expect(!/[*_~`|<>[\]\\]/.test(bare), `Markdown of a name: ${bare}`);
    return markdown.replace(/\*\*(?!\*)/g, "").replace(/\\([^0-9A-Za-z\s])/g, "$1");
  }

  protected refusal = () => json({ message: "Invalid Webhook Token", code: 50_027 }, 401);
  protected gone = () => json({ message: "Unknown Webhook", code: 10_015 }, 404);
  /** The body's seconds have a fraction; the header's are whole. */
  protected tooOften = (seconds: number) => ({
    ...json({ message: "You are being rate limited.", retry_after: seconds, global: false }, 429),
    headers: { "retry-after": String(Math.ceil(seconds) + 1) },
  });
}
