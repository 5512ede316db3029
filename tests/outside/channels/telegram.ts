import { json, readHtml, Receiver, type Asked, type Reply } from "./receiver.ts";

const TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const CHAT = "-1001234567890";

/** The Bot API of Telegram. */
export class TelegramReceiver extends Receiver {
  get config() {
    return { botToken: TOKEN, chatId: CHAT, endpoint: this.url };
  }

  protected answer(asked: Asked): Reply {
    if (asked.url.pathname !== `/bot${TOKEN}/sendMessage`) return this.refusal();
    const body = JSON.parse(asked.body) as Record<string, unknown>;
    if (body["chat_id"] !== CHAT) return problem(400, "Bad Request: chat not found");
    this.expect(body["parse_mode"] === "HTML", `parse_mode ${String(body["parse_mode"])}`);
    const html = String(body["text"]);
    const { read, wrong } = readHtml(html, ["b", "a"]);
    if (wrong.length > 0) {
      this.complaints.push(`HTML that is none: ${wrong.join(" ")}`);
      return problem(400, "Bad Request: can't parse entities");
    }
    if (read.length > 4_096) {
      this.complaints.push(`${read.length} characters`);
      return problem(400, "Bad Request: message is too long");
    }
    const link = /<a href="([^"]*)">/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? null;
    this.take(asked, body, { action: read.startsWith("🟢") ? "resolved" : "told", about: null, id: null, read, link });
    return json({
      ok: true,
      result: { message_id: 4_711, date: 1_700_000_000, chat: { id: Number(CHAT) }, text: read },
    });
  }

  protected refusal = () => problem(401, "Unauthorized");
  protected gone = () => problem(403, "Forbidden: bot was kicked from the supergroup chat");
  protected tooOften = (seconds: number) =>
    problem(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

function problem(error_code: number, description: string, parameters?: object): Reply {
  return json({ ok: false, error_code, description, ...(parameters && { parameters }) }, error_code);
}
