import { list, string, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WasiFilesystemPreopens } from "../generated/wasi-filesystem/preopens.ts";
import type { WasiFilesystemTypes } from "../generated/wasi-filesystem/types.ts";
import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";
import { IoError } from "../wasi-io/streams.ts";
import { attempt } from "./attempt.ts";
import { Descriptor } from "./descriptor.ts";
import type { DescriptorFlags } from "./descriptor.ts";
import { DirectoryEntryStream } from "./directory-entry-stream.ts";
import { fileFunctions } from "./file-functions.ts";
import { pathFunctions } from "./path-functions.ts";
import { statAtFunction, statFunction } from "./stat.ts";

const getDirectories = durableFunction({
  name: "cli::preopens::get_directories",
  class: "local-read",
  request: unit,
  response: list(string),
});

/** Both are the worker's root. */
const preopenNames = ["/", "."];

const allFlags: DescriptorFlags = {
  read: true,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: true,
};

/** wasi:filesystem/preopens. */
export const preopens: HostInterface<WasiFilesystemPreopens> = {
  name: "wasi:filesystem/preopens@0.2.0",
  durable: { "get-directories": getDirectories },
  bind: ({ durable, resources, files }) => ({
    functions: {
      "get-directories": sync(() =>
        durable
          .call(getDirectories, [], () => preopenNames)
          .map(
            (name) =>
              [resources.add(new Descriptor(files, { node: files.root, flags: allFlags, path: "/" })), name] as const,
          ),
      ),
    },
    resources: {},
  }),
};

/** wasi:filesystem/types: all operations run again at replay, on a tree that they rebuild; only times are recorded. */
export const filesystemTypes: HostInterface<WasiFilesystemTypes> = {
  name: "wasi:filesystem/types@0.2.0",
  durable: {
    "[method]descriptor.stat": statFunction,
    "[method]descriptor.stat-at": statAtFunction,
    "[method]descriptor.metadata-hash": statFunction,
    "[method]descriptor.metadata-hash-at": statAtFunction,
  },
  bind: (context) => {
    const { resources } = context;
    return {
      functions: {
        ...fileFunctions(context),
        ...pathFunctions(context),
        "[method]directory-entry-stream.read-directory-entry": sync((self: number) =>
          attempt(() => resources.get(self, DirectoryEntryStream).next()),
        ),
        "filesystem-error-code": sync((error: number) => resources.get(error, IoError).failure.filesystemCode),
      },
      resources: {
        descriptor: resource((representation) => resources.remove(representation)),
        "directory-entry-stream": resource((representation) => resources.remove(representation)),
      },
    };
  },
};
