import type { Client, WorkerClient } from "../support/client.ts";
import type { TestServer } from "../support/server.ts";

/** What a case works with. */
export interface Setting {
  readonly client: Client;
  /** The component that the case is about. */
  readonly id: string;
  readonly worker: (name: string) => WorkerClient;
  readonly server: TestServer;
  /** Uploads another component of the folder; returns its id. */
  readonly install: (component: string) => Promise<string>;
}

export type Case = (setting: Setting) => Promise<void>;
