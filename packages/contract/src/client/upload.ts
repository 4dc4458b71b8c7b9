/** Uploads of components, with progress where the engine tells of it. */
import type { ComponentJson, DynamicLinking } from "../rest/component.ts";
import type { BodyMaker } from "./transport.ts";

/** Told now and then while the bytes leave. */
export type ProgressListener = (sentBytes: number, totalBytes: number) => void;

export interface ComponentUpload {
  readonly component: Uint8Array | Blob;
  readonly componentType?: ComponentJson["componentType"] | undefined;
  /** ZIP: the files that workers begin with. */
  readonly files?: Uint8Array | Blob | undefined;
  /** What the paths in `files` may be used for; without it they have no effect. */
  readonly filesPermissions?: readonly FilePermissions[] | undefined;
  readonly dynamicLinking?: DynamicLinking | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FilePermissions {
  readonly path: string;
  readonly permissions: "read-only" | "read-write";
}

function blob(bytes: Uint8Array | Blob): Blob {
  return bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]);
}

function formOf(upload: ComponentUpload, name: string | undefined): FormData {
  const { component, componentType, files, filesPermissions, dynamicLinking } = upload;
  const form = new FormData();
  if (name !== undefined) form.set("name", name);
  form.set("component", blob(component), "component.wasm");
  if (componentType !== undefined) form.set("componentType", componentType);
  if (files !== undefined) form.set("files", blob(files), "files.zip");
  // The server takes files only together with permissions.
  if (files !== undefined || filesPermissions !== undefined) {
    form.set("filesPermissions", JSON.stringify({ values: filesPermissions ?? [] }));
  }
  if (dynamicLinking !== undefined) form.set("dynamicLinking", JSON.stringify({ dynamicLinking }));
  return form;
}

/** Browsers send streams over HTTP/2 at most, and not all of them. */
const sendsStreams = "process" in globalThis && !("document" in globalThis);

export function uploadBody(upload: ComponentUpload, name?: string): BodyMaker {
  const { onProgress } = upload;
  const total = (upload.component instanceof Blob ? upload.component.size : upload.component.length) || 1;
  return () => {
    const form = formOf(upload, name);
    if (onProgress === undefined || !sendsStreams) return { body: form };
    // A response is what turns a form into its bytes, and tells their boundary.
    const encoded = new Response(form);
    let sent = 0;
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        sent += chunk.length;
        onProgress(Math.min(sent, total), total);
        controller.enqueue(chunk);
      },
    });
    const body = encoded.body?.pipeThrough(counted) ?? form;
    return { body, headers: { "content-type": encoded.headers.get("content-type") ?? "" } };
  };
}
