import type { Severity } from "../../contract/rule-kinds.ts";

/**
 * A notification as a page for mail programs: tables and styles on the elements, as these programs want it, nothing from elsewhere. In the
 * dark the colours of the program apply, or those of the style sheet, where it reads one.
 */
export interface Page {
  subject: string;
  summary: string;
  facts: readonly (readonly [label: string, value: string])[];
  advice: string | null;
  url: string;
  linkWords: string;
  tone: Severity | "resolved" | "test";
}

/** On white and on black: 4.5 to 1 at least, with white words on it. */
const TONES: Record<Page["tone"], string> = {
  critical: "#c62828",
  warning: "#a15c00",
  resolved: "#2e7d32",
  test: "#3d5a80",
};

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const DARK =
  "@media (prefers-color-scheme:dark){.page{background:#16181d!important}.card{background:#20232a!important}" +
  ".word{color:#e8eaed!important}.soft{color:#a9b0bb!important}.line{border-color:#3a3f4a!important}}";

export function htmlOf({ subject, summary, facts, advice, url, linkWords, tone }: Page): string {
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td class="soft line" style="padding:6px 16px 6px 0;vertical-align:top;white-space:nowrap;color:#5f6670;border-top:1px solid #e3e6ea">${escaped(label)}</td>` +
      `<td class="word line" style="padding:6px 0;vertical-align:top;color:#1d2127;border-top:1px solid #e3e6ea;overflow-wrap:anywhere">${escaped(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escaped(subject)}</title><style>${DARK}</style></head>`,
    `<body class="page" style="margin:0;padding:0;background:#f3f4f6;${FONT};font-size:15px;line-height:1.5">`,
    '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6"><tr><td align="center" style="padding:24px 12px">',
    `<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border-top:4px solid ${TONES[tone]};border-radius:6px"><tr><td style="padding:24px;text-align:left">`,
    `<h1 class="word" style="margin:0 0 12px;font-size:19px;line-height:1.3;color:#1d2127;overflow-wrap:anywhere">${escaped(subject)}</h1>`,
    `<p class="word" style="margin:0 0 16px;color:#1d2127;overflow-wrap:anywhere">${escaped(summary)}</p>`,
    `<table cellpadding="0" cellspacing="0" width="100%" style="border-collapse:collapse;font-size:14px">${rows.join("")}</table>`,
    ...(advice === null
      ? []
      : [
          `<p class="word" style="margin:16px 0 0;color:#1d2127"><strong>What to look at:</strong> ${escaped(advice)}</p>`,
        ]),
    `<p style="margin:20px 0 0"><a href="${escaped(url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:${TONES[tone]};color:#ffffff;text-decoration:none;font-weight:600">${escaped(linkWords)}</a></p>`,
    "</td></tr></table>",
    '<p class="soft" style="margin:16px 0 0;font-size:12px;color:#5f6670">Sent by Nephos. Who is told what is set under Alerts, Channels.</p>',
    "</td></tr></table></body></html>",
  ].join("");
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign]!,
  );
}
