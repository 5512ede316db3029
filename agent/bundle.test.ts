import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildAgent, NODE_FLAGS } from "./build.ts";
import { reachOf } from "./bundle-for-tests.ts";

const words = (text: string) => text.split(/\s+/);
const of = (module: string, names: string) => words(names).map((name) => `${module}: ${name}`);

/**
 * All the shipped agent can reach, spelled out: no other program, no code made of text, no port, and the files of its state
 * directory. Whoever adds to these lists changes what an owner was promised (README, "What it never does").
 */
const ALLOWED = {
  imports: [
    ...of("node:buffer", "isUtf8"),
    // Random bytes: a socket's key and its masks, which nobody may foresee (RFC 6455, 5.3).
    ...of("node:crypto", "createHash randomBytes randomUUID"),
    ...of("node:fs/promises", "open readdir rm statfs"),
    ...of(
      "node:fs",
      "closeSync existsSync mkdirSync openSync readFileSync readSync readdirSync rmSync writeFileSync writeSync",
    ),
    ...of("node:module", "createRequire"),
    ...of("node:os", "cpus endianness freemem homedir hostname loadavg platform release totalmem uptime version"),
    ...of("node:path", "join"),
  ],
  // To ask, not to answer: of both modules only what makes a request. A socket begins as one too.
  loaded: ['"node:http"', '"node:https"', ".Agent", ".request"],
  globals:
    words(`Array BigInt Boolean Buffer Date Error Float64Array Infinity Int32Array JSON Map Math Number Object Promise RegExp Set String URL Uint8Array
    clearTimeout process setImmediate setTimeout`),
  ofProcess: words("arch argv cpuUsage env exit exitCode hrtime memoryUsage on pid stderr stdout"),
  writes: [
    // The spool: samples are added to its files, and whole files deleted, in one directory and by names of one form.
    'appendToSegment: open(join(directory, name), "a"',
    // The log: to a descriptor that is open already.
    "createLog: writeSync(settings.fileDescriptor",
    // The spool's lock, and a segment nothing in which is needed.
    'deleteLock: rmSync(join(directory, "lock")',
    "deleteSegment: rm(join(directory, name)",
    // A random instance id, in the state directory, where the machine has no id of its own.
    "keptId: mkdirSync(directory",
    "keptId: writeFileSync(path",
    'makeLock: writeFileSync(join(directory, "lock")',
    "makeSpoolDirectory: mkdirSync(directory",
    // What the command line asked for, to standard output.
    "print: writeSync(1",
    // Only to read.
    'readSegmentFile: open(join(directory, name), "r"',
    'readWhole: openSync(path, "r"',
    'syncSpoolDirectory: open(path, "r"',
  ],
  oddities: [],
};

let scratch: string;
let text: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-bundle-"));
  const { bundlePath } = await buildAgent(scratch);
  text = await readFile(bundlePath, "utf8");
});
afterAll(() => rm(scratch, { recursive: true }));

describe("the agent's bundle", () => {
  it("reaches nothing but what is listed here", () => {
    expect(reachOf(text)).toEqual(ALLOWED);
  });

  it.each([
    'import { spawn } from "node:child_process";',
    'import * as fs from "node:fs";',
    'import fs from "node:fs";',
    'import "node:vm";',
    'import { appendFileSync } from "node:fs";',
    'import { Worker } from "node:worker_threads";',
    'import { Session } from "node:inspector";',
    'load("node:child_process");',
    'load("node:" + "vm");',
    "const found = load; found(name);",
    "(isSecure ? load : load)(name);",
    'const other = load("node:http"); other.createServer();',
    'createRequire(import.meta.url)("node:net");',
    "await import(name);",
    'await import("node:net");',
    'eval("1");',
    '(0, eval)("1");',
    'new Function("return 1")();',
    '[].map.constructor("return 1")();',
    '[]["map"]["constructor"]("return 1")();',
    'fetch("https://elsewhere.example");',
    'new WebSocket("wss://elsewhere.example");',
    "globalThis[name]();",
    "process[name]();",
    'process.getBuiltinModule("vm");',
    "process.dlopen({}, name);",
    "process.kill(1);",
    "function fetch() {}",
    "function careless() { writeFileSync(elsewhere, id); }",
    "const write = writeFileSync;",
    'openSync(path, "w");',
    "new WebAssembly.Module(bytes);",
  ])("would not pass with %j in it", (line) => {
    expect(reachOf(`${text}\n${line}`)).not.toEqual(ALLOWED);
  });

  it("is run by a Node that makes no code of text", () => {
    const attempt = "try { eval('1'); console.log('made') } catch (error) { console.log(error.name) }";
    const said = execFileSync(process.execPath, [...NODE_FLAGS.split(" "), "-e", attempt]).toString();
    expect(said).toBe("EvalError\n");
  });
});
