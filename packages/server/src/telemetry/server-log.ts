/** What the main thread writes to the log by itself. */
import { requestFailed, requestServed } from "../api/channels.ts";
import type { Logger } from "../platform/logger.ts";

/** Listens from now on. */
export function logServer(logger: Logger): void {
  requestServed.subscribe(({ server, method, path, status, durationMs }) => {
    logger.debug("request served", { server, method, path, status, durationMs });
  });
  requestFailed.subscribe(({ error }) => {
    logger.error("request failed", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
}
