/** Put in by the bundler; run from source there is no version. */
declare const NEPHOS_AGENT_VERSION: string | undefined;

export const VERSION: string = typeof NEPHOS_AGENT_VERSION === "string" ? NEPHOS_AGENT_VERSION : "0.0.0-source";
