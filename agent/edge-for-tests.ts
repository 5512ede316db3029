import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { IngestEnvelope } from "../contract/ingest.ts";

/** A real HTTP server that answers as the ingest protocol says; a test may put other answers first in line. */
export interface Edge {
  url: string;
  envelopes: IngestEnvelope[];
  requests: { method: string; path: string; authorization: string | undefined }[];
  /** Answers for the next envelopes, in order; after them everything is taken. */
  answers: ((response: ServerResponse, envelope: IngestEnvelope) => void)[];
  close(): Promise<void>;
}

export interface EdgeOptions {
  token?: string;
  /** Files to serve as the edge serves the agent: `install.sh` and what stands below `agent/`. */
  files?: string;
}

export async function startEdge({ token, files }: EdgeOptions = {}): Promise<Edge> {
  const edge: Omit<Edge, "url" | "close"> = { envelopes: [], requests: [], answers: [] };
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    edge.requests.push({ method: request.method ?? "", path, authorization: request.headers.authorization });
    if (request.method === "GET") {
      const bytes = files && (await readFile(join(files, path.replace(/^\/agent\//, "/"))).catch(() => undefined));
      response.writeHead(bytes ? 200 : 404).end(bytes || undefined);
      return;
    }
    const envelope = JSON.parse(await textOf(request)) as IngestEnvelope;
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      refuse(response, 401, "unauthorized", "This token is not known");
      return;
    }
    const next = edge.answers.shift();
    if (next) return next(response, envelope);
    edge.envelopes.push(envelope);
    accept(response, envelope);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...edge,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

export function accept(response: ServerResponse, envelope: IngestEnvelope, durableSeq?: number): void {
  const accepted = envelope.samples.length;
  reply(response, 200, {
    protocol: "nephos/1",
    durableSeq: durableSeq ?? envelope.samples.at(-1)?.seq ?? 0,
    accepted,
    repeated: 0,
    metricsIngested: envelope.samples.reduce((sum, sample) => sum + Object.keys(sample.metrics).length, 0),
  });
}

export function refuse(response: ServerResponse, status: number, code: string, message: string, field?: string): void {
  reply(response, status, { error: "Refused", code, message, ...(field ? { field } : {}) });
}

export function reply(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
