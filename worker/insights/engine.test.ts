import { engineCases } from "./engine.cases.ts";
import { localEngine } from "./local/engine.ts";
import { reckoningCases } from "./reckoning.cases.ts";

engineCases(() => localEngine);
reckoningCases(() => localEngine);
