import { self } from "$app/service-worker";
import { addressOf, isSamePage, shownOf } from "../lib/push/shown.ts";

/** Shows what is pushed, and leads to it. Nothing else: no page is kept here, for a dashboard is of now or it misleads. */

// A newer one takes over at once: it keeps nothing that an open tab could miss.
self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener("push", (event) => {
  const { title, options } = shownOf(event.data?.text() ?? "");
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data as { url: string };
  event.waitUntil(lookAt(addressOf(url, self.location.origin)));
});

/** In the tab that shows it, else in a new one: what somebody has open elsewhere may hold what they are just writing. */
async function lookAt(address: string): Promise<void> {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = tabs.find(({ url }) => isSamePage(url, address));
  await (there ? there.focus() : self.clients.openWindow(address));
}
