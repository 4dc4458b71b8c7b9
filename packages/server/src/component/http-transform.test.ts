import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { httpTransform } from "./http-transform.ts";
import { UploadError } from "./upload-error.ts";

const request = {
  url: "http://transformer.test/transform",
  component: new Uint8Array([1, 2]),
  metadata: '{"componentName":"cart"}',
  parameters: { level: "3" },
};

interface Attempts {
  readonly forms: FormData[];
  readonly delays: number[];
  readonly run: () => Promise<Uint8Array>;
}

/** Answers each attempt by the next of `answers`. */
function attempts(answers: readonly (Response | Error)[], bytesMax = 100): Attempts {
  const forms: FormData[] = [];
  const delays: number[] = [];
  const transform = httpTransform({
    fetch: (_url, init) => {
      const answer = answers[forms.length] ?? new Error("asked too often");
      forms.push(init?.body as FormData);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    sleep: (ms) => {
      delays.push(ms);
      return Promise.resolve();
    },
    bytesMax,
  });
  return { forms, delays, run: () => transform(request) };
}

function failsWith(message: string): (error: unknown) => boolean {
  return (error) => error instanceof UploadError && error.code === "transformation" && error.message === message;
}

describe("httpTransform()", () => {
  it("sends component, metadata and parameters, and gives the answer", async () => {
    const { forms, delays, run } = attempts([new Response(new Uint8Array([3, 4, 5]))]);
    assert.deepEqual([...(await run())], [3, 4, 5]);
    const [form] = forms;
    const component = form?.get("component");
    assert.ok(component instanceof Blob);
    assert.deepEqual([...new Uint8Array(await component.arrayBuffer())], [1, 2]);
    assert.deepEqual([form?.get("metadata"), form?.get("level")], [request.metadata, "3"]);
    assert.deepEqual(delays, []);
  });

  it("asks again after a network error and a 5xx, with growing delays", async () => {
    const unreachable = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    const answers = [unreachable, new Response("", { status: 503 }), new Response(new Uint8Array([6]))];
    const { delays, run } = attempts(answers);
    assert.deepEqual([...(await run())], [6]);
    assert.deepEqual(delays, [100, 200]);
  });

  it("gives up after five retries", async () => {
    const failing = attempts(Array.from({ length: 7 }, () => new Response("", { status: 500 })));
    await assert.rejects(failing.run, failsWith("Component transformation failed: HTTP status: 500"));
    assert.deepEqual(failing.delays, [100, 200, 400, 800, 1600]);
    const refused = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    const unreachable = attempts(Array.from({ length: 7 }, () => refused));
    const message = "Component transformation failed: fetch failed: connect ECONNREFUSED";
    await assert.rejects(unreachable.run, failsWith(message));
  });

  it("doesn't repeat what was refused or is too long", async () => {
    const refused = attempts([new Response("", { status: 422 })]);
    await assert.rejects(refused.run, failsWith("Component transformation failed: HTTP status: 422"));
    const long = attempts([new Response(new Uint8Array(11))], 10);
    await assert.rejects(long.run, failsWith("Component transformation failed: the answer has more than 10 bytes"));
    assert.deepEqual([...refused.delays, ...long.delays], []);
  });
});
