import { bool, list, option, record, string, u64 } from "../../durability/codec/schema.ts";
import { noContainer, noObject } from "../../durability/object-store.ts";
import type { WasiBlobstoreContainer } from "../generated/wasi-blobstore/container.ts";
import type { FunctionsOf, HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { err, ok } from "../results.ts";
import { callStore, mapMaybe, mapOk, Refusal, storeFunction } from "../store-calls.ts";
import { Container, milliseconds, objectProblem } from "./container-handle.ts";
import { IncomingValue, range, rangeOf } from "./incoming.ts";
import { listObjects, namesMax, ObjectNames } from "./object-names.ts";
import { OutgoingValue } from "./outgoing.ts";

/** Objects that one call deletes: it is one transaction, and others wait for it. */
export const deletedMax = 10_000;

const place = record({ container: string, object: string });

const getData = storeFunction(
  "golem blobstore::container::get_data",
  "remote-read",
  record({ container: string, object: string, begin: u64, end: u64 }),
  range,
);
const writeData = storeFunction(
  "golem blobstore::container::write_data",
  "remote-write",
  record({ container: string, object: string, length: u64 }),
);
const deleteObject = storeFunction("golem blobstore::container::delete_object", "remote-write", place);
const deleteObjects = storeFunction(
  "golem blobstore::container::delete_objects",
  "remote-write",
  record({ container: string, objects: list(string) }),
);
const hasObject = storeFunction("golem blobstore::container::has_object", "remote-read", place, bool);
const objectInfo = storeFunction(
  "golem blobstore::container::object_info",
  "remote-read",
  place,
  option(record({ createdAt: u64, size: u64 })),
);
const clear = storeFunction("golem blobstore::container::clear", "remote-write", record({ container: string }));

type Functions = keyof WasiBlobstoreContainer["functions"];
type Data = `[method]container.${"get-data" | "write-data" | "has-object" | "object-info"}`;
type Listing = `[method]container.list-objects` | Extract<Functions, `[method]stream-object-names.${string}`>;
type Handle = `[method]container.${"name" | "info"}`;
type Removal = Exclude<Functions, Data | Listing | Handle>;

function dataFunctions(context: HostContext): FunctionsOf<WasiBlobstoreContainer, Data> {
  const { resources, objects } = context;
  const nameOf = (self: number): string => resources.get(self, Container).containerName;
  return {
    // oxlint-disable-next-line max-params -- as in WIT
    "[method]container.get-data": suspending((self: number, object: string, start: bigint, end: bigint) => {
      const container = nameOf(self);
      const outcome = callStore(context, {
        function: getData,
        request: { container, object, begin: start, end },
        problem: objectProblem(object),
        perform: async () => {
          const found = await objects.get({ container, object });
          if (found === undefined) throw new Refusal(noObject);
          return rangeOf(found.content, found.size, start, end);
        },
      });
      return mapOk(outcome, (found) => resources.add(new IncomingValue(context, found)));
    }),
    "[method]container.write-data": suspending((self: number, object: string, data: number) => {
      const container = nameOf(self);
      const value = resources.get(data, OutgoingValue);
      value.seal();
      return callStore(context, {
        function: writeData,
        request: { container, object, length: BigInt(value.size) },
        problem: objectProblem(object),
        perform: async (): Promise<undefined> => {
          // Before anything is written for nothing.
          if ((await objects.container(container)) === undefined) throw new Refusal(noContainer);
          const content = await value.content();
          await objects.write({ kind: "put", place: { container, object }, size: value.size, content });
        },
      });
    }),
    "[method]container.has-object": suspending((self: number, object: string) => {
      const container = nameOf(self);
      return callStore(context, {
        function: hasObject,
        request: { container, object },
        problem: objectProblem(object),
        perform: async () => (await objects.info({ container, object })) !== undefined,
      });
    }),
    "[method]container.object-info": suspending((self: number, object: string) => {
      const container = nameOf(self);
      const outcome = callStore(context, {
        function: objectInfo,
        request: { container, object },
        problem: objectProblem(object),
        perform: async () => {
          const info = await objects.info({ container, object });
          return info && { createdAt: milliseconds(info.createdAtMs), size: BigInt(info.size) };
        },
      });
      return mapMaybe(outcome, (info) => {
        if (info.tag === "err") return info;
        return info.val === undefined ? err(noObject) : ok({ name: object, container, ...info.val });
      });
    }),
  };
}

function removalFunctions(context: HostContext): FunctionsOf<WasiBlobstoreContainer, Removal> {
  const { resources, objects } = context;
  const nameOf = (self: number): string => resources.get(self, Container).containerName;
  return {
    "[method]container.delete-object": suspending((self: number, object: string) => {
      const container = nameOf(self);
      return callStore(context, {
        function: deleteObject,
        request: { container, object },
        problem: objectProblem(object),
        perform: async () => void (await objects.write({ kind: "delete", container, objects: [object] })),
      });
    }),
    "[method]container.delete-objects": suspending((self: number, names: readonly string[]) => {
      const container = nameOf(self);
      const tooMany = `there are ${names.length} names: at most ${deletedMax} are taken at a time`;
      return callStore(context, {
        function: deleteObjects,
        request: { container, objects: names },
        problem:
          names.length > deletedMax ? tooMany : names.map(objectProblem).find((problem) => problem !== undefined),
        perform: async () => void (await objects.write({ kind: "delete", container, objects: names })),
      });
    }),
    "[method]container.clear": suspending((self: number) => {
      const container = nameOf(self);
      return callStore(context, {
        function: clear,
        request: { container },
        perform: async () => void (await objects.write({ kind: "clear", container })),
      });
    }),
  };
}

function namesCount(count: bigint): number {
  return count > BigInt(namesMax) ? namesMax : Number(count);
}

function listingFunctions(context: HostContext): FunctionsOf<WasiBlobstoreContainer, Listing> {
  const { resources } = context;
  return {
    "[method]container.list-objects": suspending((self: number) => {
      const names = new ObjectNames(context, resources.get(self, Container).containerName);
      return mapOk(names.fill(), () => resources.add(names));
    }),
    "[method]stream-object-names.read-stream-object-names": suspending((self: number, length: bigint) =>
      resources.get(self, ObjectNames).take(namesCount(length)),
    ),
    "[method]stream-object-names.skip-stream-object-names": suspending((self: number, count: bigint) =>
      mapOk(
        resources.get(self, ObjectNames).take(namesCount(count)),
        ([names, end]) => [BigInt(names.length), end] as const,
      ),
    ),
  };
}

/**
 * wasi:blobstore/container (spec/host-interfaces.md §21). Both ends of a range belong to it, and it ends where the object
 * ends. Objects are listed in order of their names. Deleting what isn't there does nothing.
 */
export const container: HostInterface<WasiBlobstoreContainer> = {
  name: "wasi:blobstore/container",
  durable: {
    "[method]container.get-data": getData,
    "[method]container.write-data": writeData,
    "[method]container.list-objects": listObjects,
    "[method]container.delete-object": deleteObject,
    "[method]container.delete-objects": deleteObjects,
    "[method]container.has-object": hasObject,
    "[method]container.object-info": objectInfo,
    "[method]container.clear": clear,
    "[method]stream-object-names.read-stream-object-names": listObjects,
    "[method]stream-object-names.skip-stream-object-names": listObjects,
  },
  bind: (context) => {
    const { resources } = context;
    const drop = resource((representation) => resources.remove(representation));
    const handle = (self: number): Container => resources.get(self, Container);
    return {
      functions: {
        "[method]container.name": sync((self: number) => ok(handle(self).containerName)),
        "[method]container.info": sync((self: number) => {
          const { containerName, createdAt } = handle(self);
          return ok({ name: containerName, createdAt });
        }),
        ...dataFunctions(context),
        ...removalFunctions(context),
        ...listingFunctions(context),
      },
      resources: { container: drop, "stream-object-names": drop },
    };
  },
};
