import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from "wasi:http/types@0.2.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** How many requests this worker has answered. */
let count = 0;

function* chunksOf(request) {
  const body = request.consume();
  const stream = body.stream();
  for (;;) {
    try {
      yield stream.blockingRead(65536n);
    } catch (error) {
      if (error.payload?.tag === "closed") break;
      throw error;
    }
  }
}

function answer(out, { status = 200, headers = [], write = () => undefined, trailers }) {
  const fields = Fields.fromList(headers.map(([name, value]) => [name, encoder.encode(value)]));
  const response = new OutgoingResponse(fields);
  response.setStatusCode(status);
  const body = response.body();
  ResponseOutparam.set(out, { tag: "ok", val: response });
  const stream = body.write();
  write((bytes) => {
    for (let at = 0; at < bytes.length; at += 4096) stream.blockingWriteAndFlush(bytes.subarray(at, at + 4096));
  });
  stream[Symbol.dispose]();
  OutgoingBody.finish(
    body,
    trailers && Fields.fromList(trailers.map(([name, value]) => [name, encoder.encode(value)])),
  );
}

function describe(request) {
  const headers = request
    .headers()
    .entries()
    .map(([name, value]) => [name, decoder.decode(value)]);
  let text = "";
  for (const chunk of chunksOf(request)) text += decoder.decode(chunk);
  return JSON.stringify({
    method: request.method(),
    path: request.pathWithQuery(),
    authority: request.authority(),
    headers,
    body: text,
    count,
  });
}

const handlers = {
  "/describe": (request, out) => {
    const text = describe(request);
    const headers = [
      ["content-type", "application/json"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ];
    answer(out, { status: 201, headers, write: (write) => write(encoder.encode(text)) });
  },
  "/echo": (request, out) =>
    answer(out, {
      write: (write) => {
        for (const chunk of chunksOf(request)) write(chunk);
      },
      trailers: [["x-end", "yes"]],
    }),
  "/count-bytes": (request, out) => {
    let bytes = 0;
    for (const chunk of chunksOf(request)) bytes += chunk.length;
    answer(out, { write: (write) => write(encoder.encode(String(bytes))) });
  },
  "/slow": (request, out) =>
    answer(out, {
      write: (write) => {
        for (let index = 0; index < 10; index++) {
          write(encoder.encode(`line ${index}\n`));
          subscribeDuration(100_000_000n).block();
        }
      },
    }),
  "/none": (request, out) => answer(out, { status: 204 }),
  "/error": (request, out) => ResponseOutparam.set(out, { tag: "err", val: { tag: "HTTP-request-denied" } }),
  "/silent": () => undefined,
  "/unfinished": (request, out) => {
    const response = new OutgoingResponse(new Fields());
    const body = response.body();
    ResponseOutparam.set(out, { tag: "ok", val: response });
    body.write().blockingWriteAndFlush(encoder.encode("half"));
  },
};

export const incomingHandler = {
  handle(request, out) {
    count += 1;
    const [path] = request.pathWithQuery().split("?");
    const handler = handlers[`/${path.split("/").pop()}`];
    if (handler === undefined) answer(out, { status: 404 });
    else handler(request, out);
  },
};

export function observe() {
  return count;
}
