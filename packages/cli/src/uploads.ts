/** Files that are sent to the server. */
import { readFile } from "node:fs/promises";
import type { ComponentUpload, FilePermissions } from "@emet/contract/client";
import type { OptionSpec } from "./command.ts";
import { usageError } from "./failure.ts";
import { Progress } from "./output/progress.ts";
import { bytes } from "./output/text.ts";

/** Options of commands that upload a component. */
export const uploadOptions = {
  durable: { kind: "flag", summary: "its workers keep their state (the default)" },
  ephemeral: { kind: "flag", summary: "every call gets a fresh instance" },
  files: { kind: "text", value: "zip", summary: "archive of the files that workers begin with", completes: "file" },
  readWrite: { kind: "list", value: "path", summary: "a file of the archive that workers may change; repeatable" },
} as const satisfies { readonly [name: string]: OptionSpec };

interface UploadValues {
  readonly durable: boolean;
  readonly ephemeral: boolean;
  readonly files: string | undefined;
  readonly readWrite: readonly string[];
}

/** A file's bytes; `-` is standard input. */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file !== "-") {
    return await readFile(file).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      throw usageError(`cannot read ${file}: ${code === "ENOENT" ? "there is no such file" : String(code)}`, {
        cause: error,
      });
    });
  }
  const parts: Uint8Array[] = [];
  for await (const part of process.stdin as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

/** Reads what is to be uploaded and hands it over with a progress bar. */
export async function upload<T>(
  file: string,
  options: UploadValues,
  send: (upload: ComponentUpload) => Promise<T>,
): Promise<T> {
  if (options.durable && options.ephemeral) throw usageError("only one of --durable and --ephemeral can be given");
  if (options.files === undefined && options.readWrite.length > 0) throw usageError("--read-write needs --files");
  const component = await readInput(file);
  const files = options.files === undefined ? undefined : await readInput(options.files);
  using progress = new Progress("Uploading", bytes);
  return await send({
    component,
    componentType: options.ephemeral ? "Ephemeral" : options.durable ? "Durable" : undefined,
    files,
    filesPermissions: options.readWrite.map((path): FilePermissions => ({ path, permissions: "read-write" })),
    onProgress: (sent, total) => progress.update(sent, total),
  });
}
