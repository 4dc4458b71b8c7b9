import type { Client, FormFields, WorkerClient } from "../support/client.ts";
import type { TestServer } from "../support/server.ts";

/** What a case works with. */
export interface Setting {
  readonly client: Client;
  /** The component that the case is about. */
  readonly id: string;
  readonly worker: (name: string) => WorkerClient;
  readonly server: TestServer;
  /** Of a component of the folder. */
  readonly binary: (component: string) => Promise<Uint8Array>;
  /** Uploads another component of the folder, with further fields of the form; returns its id. */
  readonly install: (component: string, fields?: FormFields) => Promise<string>;
}

export type Case = (setting: Setting) => Promise<void>;
