// `npm test`: everything, on a machine that has nothing but Node and npm. Plain JavaScript: it runs before anything is installed.
import { ensureInstalled, runPinned } from "./install.mjs";

await ensureInstalled();
process.exitCode = await runPinned("scripts/test-all.ts", process.argv.slice(2));
