import { createServer } from "node:net";
import { Refusal } from "./refusal.ts";

/** Asked before anything is built: a taken port is the commonest reason why nothing would come of it. */
export async function requireFreePort(host: string, port: number, command: string): Promise<void> {
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
  if (!problem) return;
  const remedy = `Choose another: ${command} -- --port ${port < 65_535 ? port + 1 : port - 1}`;
  if (problem.code === "EADDRINUSE") throw new Refusal(`Port ${port} is taken by another program.`, remedy);
  if (problem.code === "EACCES") throw new Refusal(`Port ${port} may not be opened by this user.`, remedy);
  throw new Refusal(`Port ${port} cannot be opened (${problem.code}).`, remedy);
}
