import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

const NOTHING = async () => {};

const secured = secureHeaders({
  // What the Worker answers itself is data, never a page: nothing in it may run, load or be framed.
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  strictTransportSecurity: "max-age=31536000",
  referrerPolicy: "no-referrer",
  permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
  // For documents only, and an answer is none; each header is paid for with every sample that comes in.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xFrameOptions: false,
  // These are of browsers that are gone.
  xXssProtection: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xDnsPrefetchControl: false,
});

/** Puts the security headers on every answer, refusals included. An opened socket has no answer to put them on. */
export const withSecureHeaders = createMiddleware(async function withSecureHeaders(c, next) {
  await next();
  if (c.res.status !== 101) await secured(c, NOTHING);
});
