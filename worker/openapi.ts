import { z } from "zod";
import { ENDPOINTS, type Access, type Endpoint } from "../contract/api.ts";
import { SCOPES } from "../contract/roles.ts";
import { version } from "../package.json";
import { api } from "./auth/api.ts";

/** The table of endpoints as an OpenAPI 3.1 document: who may enter stands with each, as the gate has it. */
export const openapiRoutes = api({
  "GET /api/openapi.json": async (c) => {
    document ??= JSON.stringify(describe());
    return c.body(document, 200, { "content-type": "application/json" });
  },
});

let document: string | undefined;

const errorReply = {
  type: "object",
  required: ["error", "code", "message"],
  properties: {
    error: { type: "string", description: "The status in words" },
    code: { type: "string", description: "For programs; docs/protocol.md lists them" },
    message: { type: "string" },
    field: { type: "string", description: "Path of the offending field" },
    remedy: { type: "string", description: "What to do about it" },
  },
};

function describe() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries(ENDPOINTS) as [string, Endpoint][]) {
    const [method, path] = name.split(" ") as [string, string];
    (paths[path.replace(/:(\w+)/g, "{$1}")] ??= {})[method.toLowerCase()] = operation(path, endpoint);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Nephos",
      version,
      description:
        "JSON over HTTPS. Times are milliseconds since 1970, units are base units. Programs send an API token as Bearer.",
    },
    paths,
    components: {
      securitySchemes: {
        apiToken: { type: "http", scheme: "bearer", description: "An API token; its scopes bound what it may do" },
        browser: { type: "apiKey", in: "cookie", name: "nephos_session", description: "A signed-in browser" },
        enrolmentToken: { type: "http", scheme: "bearer", description: "An enrolment token" },
      },
      schemas: { Error: errorReply },
    },
    "x-scopes": SCOPES,
  };
}

function operation(path: string, { access, says, body, query, reply, replyType, status }: Endpoint) {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    summary: says,
    description: whoMay(access),
    ...security(access),
    parameters: [...parameters, ...(query ? queryParameters(query) : [])],
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } },
    }),
    responses: {
      [reply || replyType ? String(status ?? 200) : "204"]: {
        description: reply || replyType ? "What was asked for" : "Done; the reply is empty",
        ...(reply && { content: { "application/json": { schema: schemaOf(reply, "output") } } }),
        ...(replyType && { content: { [replyType]: {} } }),
      },
      default: {
        description: "A refusal",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function whoMay(access: Access): string {
  if (access === "public") return "Anybody.";
  if (access === "door") return "Anybody, from a page of this Nephos, so many times a minute.";
  if (access === "enrolment") return "The holder of an enrolment token.";
  const by = access.scope === null ? "in a browser" : `in a browser, or an API token with the scope ${access.scope}`;
  return `Role ${access.role} or higher, ${by}.${access.isFresh ? " Within an hour of signing in." : ""}`;
}

function security(access: Access) {
  if (access === "public" || access === "door") return { security: [], "x-role": null };
  if (access === "enrolment") return { security: [{ enrolmentToken: [] }], "x-role": null };
  const ways = [{ browser: [] }, ...(access.scope === null ? [] : [{ apiToken: [] }])];
  return { security: ways, "x-role": access.role, "x-scope": access.scope };
}

function schemaOf(schema: z.ZodType, io: "input" | "output") {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return described;
}

function queryParameters(query: z.ZodType) {
  const { properties = {}, required = [] } = schemaOf(query, "input");
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: "query", required: required.includes(name), schema };
  });
}
