/** Many calls over one connection. */
import { formatJson, parseJson } from "../values/json.ts";
import { EmetError, errorOfAnswer } from "./errors.ts";
import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";
import type { BatchAnswer, BatchInvocation, TypedValue } from "./worker-types.ts";

export interface BatchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
}

type AnswerLine = {
  readonly id: string | number;
  readonly result?: TypedValue;
  readonly status?: number;
};

function requestLine({ id, workerName, functionName, params, idempotencyKey, enqueue }: BatchInvocation): string {
  const line = { id, worker: workerName, function: functionName, idempotencyKey, params };
  return `${formatJson(enqueue === true ? { ...line, await: false } : line)}\n`;
}

function answerOf(text: string): BatchAnswer {
  const { id, result, status, ...body } = parseJson(text) as unknown as AnswerLine;
  return status === undefined ? { id, result } : { id, error: errorOfAnswer(status, body) };
}

type Source = Iterable<BatchInvocation> | AsyncIterable<BatchInvocation>;

/** Reads the next invocation when the connection takes more. */
function bodyOf(invocations: Source): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator =
    Symbol.asyncIterator in invocations ? invocations[Symbol.asyncIterator]() : invocations[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(requestLine(next.value)));
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") throw new EmetError("unreachable", "the connection ended in the midst of an answer");
}

/** Sends the invocations and gives their answers as they come. */
export async function* invokeBatch(
  transport: Transport,
  componentId: string,
  invocations: Source,
  options: BatchOptions = {},
): AsyncGenerator<BatchAnswer, void, undefined> {
  const body = await transport.stream({
    method: "POST",
    path: path`/v1/components/${componentId}/invocations`,
    body: () => ({ body: bodyOf(invocations), headers: { "content-type": "application/x-ndjson" } }),
    headers: options.headers,
    signal: options.signal,
  });
  for await (const line of linesOf(body)) yield answerOf(line);
}
