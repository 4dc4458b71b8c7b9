import type { Transport } from "./transport.ts";

/** The server itself. */
export class ServerApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Resolves if calls are accepted. */
  async health(): Promise<void> {
    await this.#transport.json({ method: "GET", path: "/healthcheck" });
  }

  async version(): Promise<string> {
    const { version } = await this.#transport.json<{ readonly version: string }>({ method: "GET", path: "/version" });
    return version;
  }

  /** In the text format of Prometheus. */
  async metrics(): Promise<string> {
    return await this.#transport.text({ method: "GET", path: "/metrics" });
  }
}
