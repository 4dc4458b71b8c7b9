import { ComponentsApi } from "./components.ts";
import { PluginsApi } from "./plugins.ts";
import { PromisesApi, SchedulesApi } from "./promises-and-schedules.ts";
import { RoutesApi } from "./routes.ts";
import { ServerApi } from "./server.ts";
import { Transport } from "./transport.ts";
import type { ClientOptions } from "./transport.ts";
import { WorkersApi } from "./workers.ts";

/**
 * A client of the whole API.
 *
 * ```ts
 * const emet = new EmetClient({ url: "http://localhost:9881" });
 * const [cart] = await emet.components.list("shopping-cart");
 * const { componentId } = cart.versionedComponentId;
 * for await (const worker of emet.workers.list(componentId, { filters: ["status = Idle"] })) console.log(worker);
 * ```
 *
 * Every failure is an `EmetError`. Calls that may be repeated are repeated when no answer comes: everything that only
 * reads, and invocations, which carry an idempotency key.
 */
export class EmetClient {
  readonly components: ComponentsApi;
  readonly workers: WorkersApi;
  readonly plugins: PluginsApi;
  readonly promises: PromisesApi;
  readonly schedules: SchedulesApi;
  readonly routes: RoutesApi;
  readonly server: ServerApi;

  constructor(options: ClientOptions) {
    const transport = new Transport(options);
    this.components = new ComponentsApi(transport);
    this.workers = new WorkersApi(transport);
    this.plugins = new PluginsApi(transport);
    this.promises = new PromisesApi(transport);
    this.schedules = new SchedulesApi(transport);
    this.routes = new RoutesApi(transport);
    this.server = new ServerApi(transport);
  }
}
