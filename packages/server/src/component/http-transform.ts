/**
 * Component transformers: services over HTTP that rewrite a component (spec/service.md §10.3). The operator names them,
 * so they are asked without regard to where guests may go.
 */
import { UploadError } from "./upload-error.ts";

export interface TransformRequest {
  readonly url: string;
  readonly component: Uint8Array;
  /** JSON text of the component as clients see it. */
  readonly metadata: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Resolves with the binary that takes the component's place. Throws `UploadError`. */
export type Transform = (request: TransformRequest) => Promise<Uint8Array>;

export interface HttpTransformOptions {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest answer. */
  readonly bytesMax: number;
}

const retriesMax = 5;
const firstDelayMs = 100;
/** A service that takes longer is asked again like one that is out of reach. */
const requestMsMax = 120_000;

/** Whether asking again may help is a matter of the service, not of the request. */
class AttemptError extends Error {
  readonly retriable: boolean;

  constructor(message: string, retriable: boolean, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.retriable = retriable;
  }
}

export function httpTransform(options: HttpTransformOptions): Transform {
  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await send(request, options);
      } catch (error) {
        if (!(error instanceof AttemptError)) throw error;
        if (!error.retriable || attempt === retriesMax) {
          throw new UploadError("transformation", `Component transformation failed: ${error.message}`, {
            cause: error,
          });
        }
      }
      await options.sleep(firstDelayMs * 2 ** attempt, new AbortController().signal);
    }
  };
}

async function send(request: TransformRequest, options: HttpTransformOptions): Promise<Uint8Array> {
  try {
    const response = await options.fetch(request.url, {
      method: "POST",
      body: formOf(request),
      signal: AbortSignal.timeout(requestMsMax),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new AttemptError(`HTTP status: ${response.status}`, response.status >= 500);
    }
    return await contentOf(response, options.bytesMax);
  } catch (error) {
    if (error instanceof AttemptError) throw error;
    throw new AttemptError(reasonOf(error), true, { cause: error });
  }
}

function formOf({ component, metadata, parameters }: TransformRequest): FormData {
  const form = new FormData();
  form.append("component", new Blob([new Uint8Array(component)], { type: "application/octet-stream" }), "component");
  form.append("metadata", metadata);
  for (const [name, value] of Object.entries(parameters)) form.append(name, value);
  return form;
}

async function contentOf(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AttemptError(`the answer has more than ${bytesMax} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` says little; what it was caused by says more. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
