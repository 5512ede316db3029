import { responseTime } from "../words.ts";
import { TimeUp, within } from "./deadline.ts";
import { failed } from "./outcome.ts";
import type { Probe } from "./probe-kind.ts";
import { Progress } from "./progress.ts";
import { connected, NotConnected } from "./socket.ts";
import { unconnected } from "./unconnected.ts";

export const probeTcp: Probe<"tcp"> = async (order, resolve) => {
  const progress = new Progress();
  try {
    return await within(order.timeoutMs, async (signal) => {
      try {
        const { connectMs } = await connected(order.target, signal, (connection) => Promise.resolve(connection));
        progress.connectMs = connectMs;
        return {
          kind: "good" as const,
          words: `took the connection in ${responseTime(connectMs)}`,
          phases: progress.phases(),
        };
      } catch (error) {
        if (error instanceof NotConnected) return unconnected(order.target.host, progress.phases(), order, resolve);
        throw error;
      }
    });
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    return failed("unreachable", `did not answer within ${responseTime(order.timeoutMs)}`, progress.phases());
  }
};
