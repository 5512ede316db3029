/**
 * Whether the platform lets this event ask nobody any more: Free allows 50 requests in one, redirects and lookups included. That is our
 * own end, and none of the target's.
 */
export function isPlatformLimit(error: unknown): boolean {
  return error instanceof Error && /too many subrequests/i.test(error.message);
}
