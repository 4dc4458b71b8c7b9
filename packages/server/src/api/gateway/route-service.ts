/** The routes of custom HTTP APIs: kept in the store, and in memory in the form in which requests look for them. */
import { isComponentId } from "@emet/contract";
import type { NewRoute, Route } from "@emet/contract";
import type { ComponentService } from "../../component/component-service.ts";
import { guestHandlerInterface } from "../../host/wasi-http/incoming-handler.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Entropy } from "../../platform/entropy.ts";
import { KeyedLock } from "../../platform/keyed-lock.ts";
import type { ComponentRecord, RouteStore } from "../../worker/stores.ts";
import { RouteError } from "./route-error.ts";
import type { MatchedRoute, RoutedRequest } from "./route-table.ts";
import { collides, RouteTable } from "./route-table.ts";

export interface RouteServiceOptions {
  readonly store: RouteStore;
  readonly components: Pick<ComponentService, "latest" | "list">;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** More than these are no set of routes that anybody wrote. */
const routesMax = 10_000;

export class RouteService {
  readonly #options: RouteServiceOptions;
  /** Two routes at once must see each other. */
  readonly #lock = new KeyedLock();
  #routes: readonly Route[] = [];
  #table = new RouteTable([]);

  constructor(options: RouteServiceOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const records = await this.#options.store.all();
    this.#set(records.map(({ definition }) => JSON.parse(definition) as Route));
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** Throws `RouteError`. */
  async add(given: NewRoute): Promise<Route> {
    const { store, clock, entropy } = this.#options;
    await this.#checkComponent(given.component);
    return await this.#lock.run("routes", async () => {
      const other = this.#routes.find((route) => collides(given, route));
      if (other !== undefined) throw new RouteError("conflict", `Route ${other.id} matches the same requests`);
      if (this.#routes.length >= routesMax) throw new RouteError("invalid", `There are ${routesMax} routes already`);
      const createdAtMs = Math.floor(clock.now());
      const route: Route = { id: entropy.uuid(), createdAt: new Date(createdAtMs).toISOString(), ...given };
      await store.add({ id: route.id, createdAtMs, definition: JSON.stringify(route) });
      this.#set([...this.#routes, route]);
      return route;
    });
  }

  /** False if there was none of this id. */
  async remove(id: string): Promise<boolean> {
    return await this.#lock.run("routes", async () => {
      const removed = await this.#options.store.remove(id);
      this.#set(this.#routes.filter((route) => route.id !== id));
      return removed;
    });
  }

  find(request: RoutedRequest): MatchedRoute | undefined {
    return this.#table.find(request);
  }

  /** The latest version of a component by its name or id. */
  async component(nameOrId: string): Promise<ComponentRecord | undefined> {
    const { components } = this.#options;
    if (isComponentId(nameOrId)) {
      const found = await components.latest(nameOrId.toLowerCase());
      if (found !== undefined) return found;
    }
    return (await components.list(nameOrId)).at(-1);
  }

  async #checkComponent(nameOrId: string): Promise<void> {
    const component = await this.component(nameOrId);
    if (component === undefined) throw new RouteError("invalid", `component: There is no component "${nameOrId}"`);
    const { exports } = JSON.parse(component.metadata) as { readonly exports: readonly { readonly name: string }[] };
    if (exports.some(({ name }) => name.startsWith(`${guestHandlerInterface}@0.2.`))) return;
    throw new RouteError("invalid", `component: "${nameOrId}" does not export ${guestHandlerInterface}@0.2`);
  }

  #set(routes: readonly Route[]): void {
    this.#routes = routes;
    this.#table = new RouteTable(routes);
  }
}
