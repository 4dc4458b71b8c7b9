import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from "wasi:http/types@0.2.0";

const entries = [];

function answer(out, status, text) {
  const response = new OutgoingResponse(new Fields());
  response.setStatusCode(status);
  const body = response.body();
  ResponseOutparam.set(out, { tag: "ok", val: response });
  const stream = body.write();
  stream.blockingWriteAndFlush(new TextEncoder().encode(text));
  stream[Symbol.dispose]();
  OutgoingBody.finish(body, undefined);
}

export const incomingHandler = {
  handle(request, out) {
    const [path, name] = request.pathWithQuery().split("?");
    if (request.method().tag === "post") entries.push(decodeURIComponent(name));
    answer(out, 200, `${path}: ${entries.join(", ")}\n`);
  },
};
