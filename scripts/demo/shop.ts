import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { EpochMs } from "../../contract/units.ts";
import { startControl } from "../../tests/outside/control.ts";
import { HealthEndpoints } from "../../tests/outside/health-endpoints.ts";
import { Listening } from "../../tests/outside/listening.ts";
import { JITTER, LOOKS, responseMsAt, spellsOf, type Look } from "./looks.ts";
import { spellAt, type Spell } from "./spells.ts";

/** Where the demo's checks look, and what they are answered. */
export interface Shop {
  url: string;
  openPort: number;
  closedPort: number;
  /** What probers ask where nothing else answers: without a network "down" could not be told otherwise. */
  controlUrl: string;
  stop(): Promise<void>;
}

interface Page {
  look: Look;
  number: number;
  spells: Spell[];
}

/** A shop on this machine: pages that take their time, one that is slow, one that fails, and two ports. */
export async function startShop(bornAt: EpochMs): Promise<Shop> {
  const pages = new Map<string, Page>();
  for (const [number, look] of LOOKS.entries()) {
    if (look.path) pages.set(pathOf(look.path), { look, number, spells: spellsOf(look, number, bornAt) });
  }
  const [http, ports, controlUrl] = await Promise.all([
    Listening.start((request, response) => void answer(pages.get(pathOf(request.url!)), response)),
    HealthEndpoints.start(),
    startControl(),
  ]);
  const { closed, speaksSsh } = ports.addresses.ports;
  const stop = async () => void (await Promise.all([http.stop(), ports.stop()]));
  return { url: http.url, openPort: speaksSsh, closedPort: closed, controlUrl, stop };
}

const pathOf = (path: string) => path.split("?")[0]!;

async function answer(page: Page | undefined, response: ServerResponse): Promise<void> {
  if (!page) return void response.writeHead(404).end();
  const now = Date.now();
  const ms = responseMsAt(page.look, page.number, page.spells, now) * (1 + JITTER * Math.random());
  await setTimeout(ms);
  const isDown = spellAt(page.spells, now)?.verdict === "down";
  response
    .writeHead(isDown ? 503 : 200, { "content-type": "application/json" })
    .end(JSON.stringify({ status: isDown ? "failing" : "ok" }));
}
