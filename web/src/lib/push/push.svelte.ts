import { isOfKey, keyBytes, subscribedOf, type Subscribed } from "./subscription.ts";

export type PushState = "unsupported" | "denied" | "off" | "on";

const WORKER = "/service-worker.js";

/** Whether this browser shows notifications while the dashboard is closed, and the switch for it. */
export class Push {
  state: PushState = $state(presentState());

  /** Looks again: the browser's own settings change without a word. */
  async look(): Promise<void> {
    const state = presentState();
    this.state = state === "off" && (await subscription()) ? "on" : state;
  }

  /**
   * To be called from a click: the browser asks the person. Answers what the channel of this browser is made of; throws, in words for
   * the person, where there is none.
   */
  async subscribe(vapidPublicKey: string): Promise<Subscribed> {
    if (presentState() === "unsupported") {
      throw new Error(
        "This browser cannot be told anything while the dashboard is closed. On an iPhone or iPad, add Nephos to the home screen and open it from there.",
      );
    }
    const permission = await Notification.requestPermission();
    this.state = presentState();
    if (permission === "denied") {
      throw new Error(
        "This browser does not let Nephos show notifications. Allow them in the settings of this site, beside its address, and try again.",
      );
    }
    if (permission !== "granted") throw new Error("The browser's question was not answered. Try again, and allow it.");
    const given = await subscribed(keyBytes(vapidPublicKey)).catch((error: unknown) => {
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(
        `This browser could not be set up for notifications (${said}). A private window cannot be, and some browsers switch their push service off: look in its settings.`,
        { cause: error },
      );
    });
    this.state = "on";
    return subscribedOf(given.toJSON(), navigator.userAgent);
  }

  /** Ends it, and takes away all that was put into the browser for it. */
  async unsubscribe(): Promise<void> {
    await (await subscription())?.unsubscribe();
    await (await navigator.serviceWorker?.getRegistration(WORKER))?.unregister();
    this.state = presentState();
  }
}

function presentState(): "unsupported" | "denied" | "off" {
  const isSupported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!isSupported) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "off";
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function subscribed(key: Uint8Array<ArrayBuffer>): Promise<PushSubscription> {
  // Built, it is one classic script, which every browser takes; unbuilt, it imports its parts.
  await navigator.serviceWorker.register(WORKER, { type: import.meta.env.DEV ? "module" : "classic" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const earlier = await pushManager.getSubscription();
  if (earlier && isOfKey(earlier.options.applicationServerKey, key)) return earlier;
  await earlier?.unsubscribe();
  return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}
