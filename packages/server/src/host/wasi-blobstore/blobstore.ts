import { bool, option, record, string, u64 } from "../../durability/codec/schema.ts";
import { noContainer } from "../../durability/object-store.ts";
import type { ObjectId, WasiBlobstoreBlobstore } from "../generated/wasi-blobstore/blobstore.ts";
import type { HostInterface } from "../interface.ts";
import { suspending } from "../interface.ts";
import { err, ok } from "../results.ts";
import { callStore, mapMaybe, mapOk, storeFunction } from "../store-calls.ts";
import { Container, containerProblem, milliseconds, objectProblem } from "./container-handle.ts";

const container = record({ container: string });
const places = record({ srcContainer: string, srcObject: string, destContainer: string, destObject: string });

const create = storeFunction("golem blobstore::blobstore::create_container", "remote-write", container, u64);
const get = storeFunction("golem blobstore::blobstore::get_container", "remote-read", container, option(u64));
const remove = storeFunction("golem blobstore::blobstore::delete_container", "remote-write", container);
const exists = storeFunction("golem blobstore::blobstore::container_exists", "remote-read", container, bool);
const copy = storeFunction("golem blobstore::blobstore::copy_object", "remote-write", places);
const move = storeFunction("golem blobstore::blobstore::move_object", "remote-write", places);

function placesProblem(src: ObjectId, dest: ObjectId): string | undefined {
  return (
    containerProblem(src.container) ??
    containerProblem(dest.container) ??
    objectProblem(src.object) ??
    objectProblem(dest.object)
  );
}

/**
 * wasi:blobstore/blobstore (spec/host-interfaces.md §21). Creating a container that is there gives that one, and deleting
 * one that isn't does nothing.
 */
export const blobstore: HostInterface<WasiBlobstoreBlobstore> = {
  name: "wasi:blobstore/blobstore",
  durable: {
    "create-container": create,
    "get-container": get,
    "delete-container": remove,
    "container-exists": exists,
    "copy-object": copy,
    "move-object": move,
  },
  bind: (context) => {
    const { resources, objects } = context;
    const relocate = (kind: "copy" | "move") =>
      suspending((src: ObjectId, dest: ObjectId) =>
        callStore(context, {
          function: kind === "copy" ? copy : move,
          request: {
            srcContainer: src.container,
            srcObject: src.object,
            destContainer: dest.container,
            destObject: dest.object,
          },
          problem: placesProblem(src, dest),
          perform: async () => void (await objects.write({ kind, from: src, to: dest })),
        }),
      );
    return {
      functions: {
        "create-container": suspending((name: string) => {
          const outcome = callStore(context, {
            function: create,
            request: { container: name },
            problem: containerProblem(name),
            perform: async () =>
              milliseconds((await objects.write({ kind: "create-container", container: name })) as number),
          });
          return mapOk(outcome, (createdAt) => resources.add(new Container(name, createdAt)));
        }),
        "get-container": suspending((name: string) => {
          const outcome = callStore(context, {
            function: get,
            request: { container: name },
            problem: containerProblem(name),
            perform: async () => {
              const createdAtMs = await objects.container(name);
              return createdAtMs === undefined ? undefined : milliseconds(createdAtMs);
            },
          });
          return mapMaybe(outcome, (found) => {
            if (found.tag === "err") return found;
            return found.val === undefined ? err(noContainer) : ok(resources.add(new Container(name, found.val)));
          });
        }),
        "delete-container": suspending((name: string) =>
          callStore(context, {
            function: remove,
            request: { container: name },
            problem: containerProblem(name),
            perform: async () => void (await objects.write({ kind: "delete-container", container: name })),
          }),
        ),
        "container-exists": suspending((name: string) =>
          callStore(context, {
            function: exists,
            request: { container: name },
            problem: containerProblem(name),
            perform: async () => (await objects.container(name)) !== undefined,
          }),
        ),
        "copy-object": relocate("copy"),
        "move-object": relocate("move"),
      },
      resources: {},
    };
  },
};
