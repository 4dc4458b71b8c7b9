import type { NewRoute, Route } from "../rest/route.ts";
import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** Routes of custom HTTP APIs: which worker answers which requests. */
export class RoutesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(): Promise<readonly Route[]> {
    return await this.#transport.json({ method: "GET", path: "/v1/api/routes" });
  }

  async get(id: string): Promise<Route> {
    return await this.#transport.json({ method: "GET", path: path`/v1/api/routes/${id}` });
  }

  async add(route: NewRoute): Promise<Route> {
    return await this.#transport.json({ method: "POST", path: "/v1/api/routes", json: route });
  }

  async remove(id: string): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: path`/v1/api/routes/${id}` });
  }
}
