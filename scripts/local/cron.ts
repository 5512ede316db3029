const EVERY_MS = 2 * 60_000;

/** Calls `tick` on every even minute of the wall clock, never twice at once. Gives back what ends it. */
export function startCron(tick: (at: number) => Promise<void>): () => void {
  let timer: NodeJS.Timeout;
  const plan = () => {
    const at = (Math.floor(Date.now() / EVERY_MS) + 1) * EVERY_MS;
    timer = setTimeout(
      async () => {
        // A timer may fire a breath early; planning from the due time would then fire it twice.
        try {
          await tick(at);
        } catch (error) {
          console.error(`cron  │ the tick failed: ${String((error as Error).message).split("\n")[0]}`);
        }
        plan();
      },
      at - Date.now() + 20,
    );
  };
  plan();
  return () => clearTimeout(timer);
}
