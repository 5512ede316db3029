/**
 * What went wrong, in words, and what to do: from what npm or the system said. A pure function.
 * @param {string} errorText
 * @returns {{ message: string, remedy: string, isKnown: boolean }}
 */
export function explain(errorText) {
  const found = CAUSES.find(([signs]) => signs.test(errorText));
  if (found) return { message: found[1], remedy: found[2], isKnown: true };
  const line = errorText
    .split("\n")
    .map((text) => text.replace(/^npm (error|ERR!)( code)?\s*/, "").trim())
    .find((text) => text !== "");
  return {
    message: line ? "The installation failed: " + line : "The installation failed without a word.",
    remedy: "Try again. If it stays so, remove the folder node_modules and start once more.",
    isKnown: false,
  };
}

/** The more certain first: a full disk also ends connections. @type {[RegExp, string, string][]} */
const CAUSES = [
  [
    /ENOSPC|EDQUOT|no space left/i,
    "The disk is full.",
    "Make room (Nephos needs 1.2 GB in this folder and npm's cache), then start again.",
  ],
  [
    /EROFS|read-only file system/i,
    "This folder is on a read-only disk.",
    "Copy it to where this user may write, then start again there.",
  ],
  [
    /EACCES|EPERM|permission denied|operation not permitted/i,
    "This user may not write here, or not in npm's cache (~/.npm).",
    'Give this user the folders (chown -R "$(id -un)" . ~/.npm), then start again without sudo.',
  ],
  [
    /EINTEGRITY|integrity checksum failed|does not match its checksum/i,
    "A downloaded package is not the one package-lock.json names.",
    "Run npm cache clean --force and start again. If it stays so, ask who runs your registry or proxy.",
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_HAS_EXPIRED|certificate/i,
    "The npm registry's certificate is not trusted here.",
    "Behind a company's proxy, name its certificate to npm (npm config set cafile FILE), then start again.",
  ],
  [
    /E40[13]\b|\b40[13] (Unauthorized|Forbidden)|\b407\b/i,
    "The npm registry refuses to serve this computer.",
    "Look at the registry and its token in ~/.npmrc (npm config get registry), then start again.",
  ],
  [
    /E404|ETARGET|notarget/i,
    "The npm registry in use lacks a package Nephos needs.",
    "Look at which registry it is (npm config get registry): the public one has them all.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT/i,
    "The npm registry cannot be reached.",
    "The first start downloads about 290 MB: connect to the internet (or set npm's proxy), then start again. Later starts need no network.",
  ],
  [
    /EUSAGE|can only install packages when your package\.json and package-lock\.json/i,
    "package.json and package-lock.json do not fit together.",
    "Take both as they are in the repository (git checkout package.json package-lock.json), then start again.",
  ],
  [
    /spawn \S*(npm|tar)\S* ENOENT|npm: (command )?not found/i,
    "npm (or tar) is not installed beside Node.",
    "Install Node.js with its npm from https://nodejs.org or your system's packages, then start again.",
  ],
];
