import type { IncomingMessage } from "node:http";

export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  bytes: Buffer;
}

export interface Answer {
  status: number;
  body: string | Buffer;
  headers: Record<string, string>;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}

export const HTML: Answer = {
  status: 403,
  body: "<!doctype html><title>403 Forbidden</title><center><h1>403 Forbidden</h1></center>",
  headers: { "content-type": "text/html" },
};
