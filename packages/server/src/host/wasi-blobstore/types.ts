import type { WasiBlobstoreTypes } from "../generated/wasi-blobstore/types.ts";
import type { HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { ok } from "../results.ts";
import { IncomingValue, readAll, readPart } from "./incoming.ts";
import { OutgoingBody, OutgoingValue } from "./outgoing.ts";

/**
 * wasi:blobstore/types (spec/host-interfaces.md §21). Values are written locally. Short ranges of objects were recorded
 * when they were asked for, long ones are recorded as they are read.
 */
export const blobTypes: HostInterface<WasiBlobstoreTypes> = {
  name: "wasi:blobstore/types",
  durable: {
    "[method]incoming-value.incoming-value-consume-sync": readAll,
    "[method]incoming-value.incoming-value-consume-async": readPart,
  },
  bind: ({ resources, objects }) => {
    const drop = resource((representation) => resources.remove(representation));
    const incoming = (self: number): IncomingValue => resources.get(self, IncomingValue);
    return {
      functions: {
        "[static]outgoing-value.new-outgoing-value": sync(() =>
          resources.add(new OutgoingValue(objects.files, objects.sizeMax)),
        ),
        "[method]outgoing-value.outgoing-value-write-body": sync((self: number) =>
          ok(resources.add(new OutgoingBody(resources.get(self, OutgoingValue)))),
        ),
        "[method]incoming-value.incoming-value-consume-sync": suspending((self: number) => incoming(self).all()),
        "[method]incoming-value.incoming-value-consume-async": sync((self: number) =>
          ok(resources.add(incoming(self).stream())),
        ),
        "[method]incoming-value.size": sync((self: number) => incoming(self).size),
      },
      resources: { "outgoing-value": drop, "incoming-value": drop },
    };
  },
};
