import { Receiver, text, type Asked, type Reply } from "./receiver.ts";

interface Words {
  type: string;
  text: string;
}
interface Block {
  type: string;
  block_id?: string;
  text?: Words;
  fields?: Words[];
  elements?: Words[];
}

/** An incoming webhook of Slack, with the limits of its blocks. */
export class SlackReceiver extends Receiver {
  get config() {
    return { url: `${this.url}/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX` };
  }

  protected answer(asked: Asked): Reply {
    if (!this.config.url.endsWith(asked.url.pathname)) return this.refusal();
    const body = parsed(asked.body) as { text?: string; blocks?: Block[] } | undefined;
    if (!body?.text || !Array.isArray(body.blocks)) return text("invalid_payload", 400);
    const before = this.complaints.length;
    this.atMost("text", body.text, 40_000);
    this.expect(body.blocks.length <= 50, `${body.blocks.length} blocks`);
    let link: string | null = null;
    const read = [body.text, ...body.blocks.flatMap((block) => this.#wordsOf(block))].map((mrkdwn) =>
      mrkdwn
        .replace(/<([^>]*)>/g, (_, inner: string) => {
          this.expect(/^https?:[^|]+\|[^|]+$/.test(inner), `<${inner}> is a command or a mention`);
          link = unescaped(inner.split("|")[0]!);
          return inner.split("|")[1] ?? "";
        })
        .replace(/[<>]|&(?!(amp|lt|gt);)/g, (sign) => (this.complaints.push(`a bare ${sign}`), sign)),
    );
    if (this.complaints.length > before) return text("invalid_blocks", 400);
    const id = body.blocks[0]?.block_id ?? null;
    const isOver = body.text.startsWith("🟢");
    this.take(asked, body, {
      action: isOver ? "resolved" : "told",
      about: null,
      id,
      read: unescaped(read.join("\n")),
      link,
    });
    return text("ok");
  }

  #wordsOf({ type, block_id, text: main, fields = [], elements = [] }: Block): string[] {
    if (block_id !== undefined) this.atMost("block_id", block_id, 255);
    if (type === "section") this.expect(main !== undefined || fields.length > 0, "a section without text and fields");
    if (main) this.atMost("text of a section", main.text, 3_000);
    this.expect(fields.length <= 10, `${fields.length} fields in a section`);
    for (const field of fields) this.atMost("a field", field.text, 2_000);
    this.expect(elements.length <= 10, `${elements.length} elements in a context`);
    return [...(main ? [main] : []), ...fields, ...elements].map((words) => words.text);
  }

  protected refusal = () => text("no_service", 404);
  protected gone = () => text("channel_is_archived", 410);
  protected tooOften = (seconds: number) => text("rate_limited", 429, { "retry-after": String(seconds) });
}

function unescaped(words: string): string {
  return words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
