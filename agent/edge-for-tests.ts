import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { EnrolReply, EnrolRequest } from "../contract/agents.ts";
import type { IngestEnvelope } from "../contract/ingest.ts";
import { serveSockets, type SocketsOfEdge } from "./socket-edge-for-tests.ts";

/** A real HTTP server that answers as the protocol says; a test may put other answers first in line. */
export interface Edge extends SocketsOfEdge {
  url: string;
  envelopes: IngestEnvelope[];
  requests: { method: string; path: string; authorization: string | undefined }[];
  /** Answers for the next envelopes, in order; after them everything is taken. */
  answers: ((response: ServerResponse, envelope: IngestEnvelope) => void)[];
  /** Every exchange that was granted, with the agent's own token it brought. */
  enrolled: (EnrolRequest["instance"] & { token: string })[];
  /** As `answers`, for exchanges. */
  enrolAnswers: ((response: ServerResponse, request: EnrolRequest) => void)[];
  close(): Promise<void>;
}

export interface EdgeOptions {
  token?: string;
  /** Good for one exchange. */
  enrolmentToken?: string;
  /** Files to serve as the edge serves the agent: `install.sh` and what stands below `agent/`. */
  files?: string;
  /** Without them it is an edge of before there were sockets: it answers 404. */
  hasSockets?: boolean;
}

export async function startEdge({ token, enrolmentToken, files, hasSockets = false }: EdgeOptions = {}): Promise<Edge> {
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const edge: Omit<Edge, "url" | "close"> = Object.assign(serveSockets(server, hasSockets), {
    envelopes: [],
    requests: [],
    answers: [],
    enrolled: [],
    enrolAnswers: [],
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    edge.requests.push({ method: request.method ?? "", path, authorization: request.headers.authorization });
    if (request.method === "GET") {
      const bytes = files && (await readFile(join(files, path.replace(/^\/agent\//, "/"))).catch(() => undefined));
      response.writeHead(bytes ? 200 : 404).end(bytes || undefined);
      return;
    }
    const bearer = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const body: unknown = JSON.parse(await textOf(request));
    if (path === "/enrol") return enrol(response, bearer, body as EnrolRequest);
    const envelope = body as IngestEnvelope;
    const isEnrolled = edge.enrolled.some((one) => one.token === bearer && one.id === envelope.instance.id);
    if ((token ?? enrolmentToken) !== undefined && bearer !== token && !isEnrolled) {
      refuse(response, 401, "token_unknown", "This token is not known");
      return;
    }
    const next = edge.answers.shift();
    if (next) return next(response, envelope);
    edge.envelopes.push(envelope);
    accept(response, envelope);
  }

  function enrol(response: ServerResponse, bearer: string, wanted: EnrolRequest): void {
    const next = edge.enrolAnswers.shift();
    if (next) return next(response, wanted);
    if (bearer !== enrolmentToken || edge.enrolled.length > 0) {
      refuse(response, 401, "token_unknown", "This enrolment token is not known here, is used up, or has expired.");
      return;
    }
    const own = newOwnToken();
    edge.enrolled.push({ ...wanted.instance, token: own });
    grant(response, wanted, own);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(edge, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      for (const stream of edge.streams) stream.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** Tokens as the edge makes them. */
export function newOwnToken(): string {
  return `nep_${randomBytes(32).toString("base64url")}`;
}

export function newEnrolmentToken(): string {
  return `nee_${randomBytes(32).toString("base64url")}`;
}

export function grant(response: ServerResponse, { instance }: EnrolRequest, token: string): void {
  reply(response, 201, { instanceId: instance.id, token, enrolledAt: 1_800_000_000_000 } satisfies EnrolReply);
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
