/** Every interface that this server provides to components. */
import type { HostInstance } from "@emet/component";
import { compatibleLookup } from "@emet/component";
import type { AnyDurableFunction } from "../durability/durable-function.ts";
import { golemHosts } from "./golem-api/host.ts";
import { invocationContext } from "./golem-api/context.ts";
import { oplog } from "./golem-api/oplog.ts";
import type { HostContext, HostInterface } from "./interface.ts";
import { durability } from "./golem-durability/durability.ts";
import { clientInstanceDurable } from "./golem-rpc/client-instance.ts";
import { mysql } from "./golem-rdbms/mysql.ts";
import { postgres } from "./golem-rdbms/postgres.ts";
import { golemRpc } from "./golem-rpc/types.ts";
import { environment } from "./wasi-cli/environment.ts";
import { exit } from "./wasi-cli/exit.ts";
import { standardStreams } from "./wasi-cli/standard-streams.ts";
import { terminals } from "./wasi-cli/terminal.ts";
import { monotonicClock } from "./wasi-clocks/monotonic-clock.ts";
import { wallClock } from "./wasi-clocks/wall-clock.ts";
import { pollInterface } from "./wasi-io/poll.ts";
import { filesystemTypes, preopens } from "./wasi-filesystem/filesystem.ts";
import { ioError, streams } from "./wasi-io/streams-interface.ts";
import { blobstore } from "./wasi-blobstore/blobstore.ts";
import { container } from "./wasi-blobstore/container.ts";
import { blobTypes } from "./wasi-blobstore/types.ts";
import { configStore } from "./wasi-config/store.ts";
import { timezone } from "./wasi-clocks/timezone.ts";
import { atomic } from "./wasi-keyvalue/atomic.ts";
import { cache } from "./wasi-keyvalue/cache.ts";
import { eventual } from "./wasi-keyvalue/eventual.ts";
import { eventualBatch } from "./wasi-keyvalue/eventual-batch.ts";
import { handleWatchDurable } from "./wasi-keyvalue/handle-watch.ts";
import { keyValueError, keyValueTypes } from "./wasi-keyvalue/types.ts";
import { outgoingHandler } from "./wasi-http/outgoing-handler.ts";
import { httpTypes } from "./wasi-http/types.ts";
import { ipNameLookup } from "./wasi-sockets/ip-name-lookup.ts";
import { instanceNetwork, network } from "./wasi-sockets/network.ts";
import { tcp, tcpCreateSocket } from "./wasi-sockets/tcp.ts";
import { udp, udpCreateSocket } from "./wasi-sockets/udp.ts";
import { logging } from "./wasi-logging/logging.ts";
import { insecure, insecureSeed, random } from "./wasi-random/random.ts";

export const registry: readonly HostInterface[] = [
  ...golemHosts,
  oplog,
  invocationContext,
  ...golemRpc,
  durability,
  mysql,
  postgres,
  environment,
  exit,
  ...standardStreams,
  ...terminals,
  monotonicClock,
  wallClock,
  preopens,
  filesystemTypes,
  ioError,
  pollInterface,
  streams,
  keyValueError,
  keyValueTypes,
  eventual,
  eventualBatch,
  atomic,
  cache,
  httpTypes,
  outgoingHandler,
  blobTypes,
  container,
  blobstore,
  configStore,
  timezone,
  network,
  instanceNetwork,
  ipNameLookup,
  tcp,
  tcpCreateSocket,
  udp,
  udpCreateSocket,
  logging,
  random,
  insecure,
  insecureSeed,
];

/** The durable functions of an interface. */
export function recordedFunctions({ durable }: HostInterface): AnyDurableFunction[] {
  return Object.values(durable)
    .flat()
    .filter((item) => typeof item === "object");
}

/** Every recorded function by the id that its records hold. */
export const durableFunctions: ReadonlyMap<number, AnyDurableFunction> = new Map(
  [...registry.flatMap(recordedFunctions), ...clientInstanceDurable, ...handleWatchDurable].map(
    (declaration) => [declaration.id, declaration] as const,
  ),
);

const findInterface = compatibleLookup(registry.map((item) => [item.name, item] as const));

/** Finds interfaces by import name for one instance; each is bound when first asked for. */
export function hostInterfaces(context: HostContext): (importName: string) => HostInstance | undefined {
  // One for all versions that a component imports: their resources are the same ones.
  let bound: Map<HostInterface, HostInstance> | undefined;
  return (importName) => {
    const found = findInterface(importName);
    if (found === undefined) return undefined;
    bound ??= new Map();
    const instance = bound.get(found) ?? found.bind(context, importName);
    bound.set(found, instance);
    return instance;
  };
}
