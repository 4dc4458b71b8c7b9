import { readFile } from "node:fs/promises";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import { withSdkPackages } from "../../packages/cli/src/component-build/sdk-packages.ts";
import { Client } from "../../test/support/client.ts";
import { jsGuest } from "../../test/support/js-guest.ts";
import { TestServer } from "../../test/support/server.ts";
import type { Peer, TaskRequest } from "./peer.ts";

const folder = new URL("./", import.meta.url);

async function moduleGuest(): Promise<Uint8Array> {
  const text = (name: string): Promise<string> => readFile(new URL(name, folder), "utf8");
  const witSource = withSdkPackages(await text("guest.wit"));
  return await componentNew(await componentEmbed({ binary: await parse(await text("guest.wat")), witSource }));
}

function requests(component: string): { readonly [task in "counter" | "steps" | "at-once" | "call"]: TaskRequest } {
  const path =
    (prefix: string, name: string) =>
    (client: number): string =>
      `/v1/components/${component}/workers/${prefix}${client}/invoke-and-await?function=${name}`;
  const body = (): string => '{"params":[1]}';
  const none = (): string => '{"params":[]}';
  return {
    counter: { path: path("counter", "add"), body },
    steps: { path: path("steps", "steps"), body: none },
    "at-once": { path: path("steps", "steps-at-once"), body: none },
    call: { path: path("caller", "call"), body: (client) => `{"params":["callee${client}",1]}` },
  };
}

/** Ours, and variants: with a guest in JavaScript, and with the steps recorded together. */
export async function startEmet(disposables: AsyncDisposableStack): Promise<readonly Peer[]> {
  const server = disposables.use(await TestServer.start());
  const client = new Client(() => server.url);
  const small = requests(await client.upload("peer", await moduleGuest()));
  const javascript = requests(await client.upload("peer-js", await jsGuest("guest", undefined, folder)));
  const shared = {
    url: server.url,
    processIds: [server.processId ?? 0],
    durability: "oplog in the embedded store (SQLite, synchronous=FULL); an answer leaves when its records are synced",
  };
  return [
    { ...shared, name: "Emet", tasks: { counter: small.counter, steps: small.steps, call: small.call } },
    {
      ...shared,
      name: "Emet, JavaScript guest",
      tasks: { counter: javascript.counter, steps: javascript.steps, call: javascript.call },
    },
    { ...shared, name: "Emet, steps recorded together", tasks: { steps: small["at-once"] } },
  ];
}
