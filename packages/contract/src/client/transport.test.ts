import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EmetClient } from "./emet-client.ts";
import { EmetError } from "./errors.ts";
import type { Fetch } from "./transport.ts";

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose server answers these one after the other; an error stands for a connection that breaks. */
function clientOf(answers: readonly (Response | Error)[]): { readonly emet: EmetClient; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, init) => {
    const answer = answers[sent.length];
    sent.push({ url, init });
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no more answers");
    return answer;
  };
  const retries = { attemptsMax: 3, delayMsMin: 0, delayMsMax: 0 };
  return { emet: new EmetClient({ url: "http://emet/", workerUrl: "http://workers", fetch, retries }), sent };
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const broken = new TypeError("fetch failed", { cause: { code: "ECONNRESET" } });
const refused = new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
const worker = { componentId: "c", workerName: "w" };
const result = { typ: { type: "Tuple", items: [] }, value: [] };

async function failure(work: Promise<unknown>): Promise<EmetError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof EmetError, String(error));
  return error;
}

describe("EmetClient", () => {
  it("repeats an invocation with the same key", async () => {
    const { emet, sent } = clientOf([broken, json({}, 503), json({ result })]);
    assert.deepEqual(await emet.workers.invoke(worker, "a:b/c.{d}", [1n << 63n]), result);
    const keys = new Set(sent.map(({ init }) => new Headers(init.headers).get("idempotency-key")));
    assert.equal(sent.length, 3);
    assert.equal(keys.size, 1);
    assert.equal(sent[0]?.url, "http://workers/v1/components/c/workers/w/invoke-and-await?function=a%3Ab%2Fc.%7Bd%7D");
    assert.equal(sent[0]?.init.body, '{"params":[9223372036854775808]}');
  });

  it("repeats nothing that might be done twice, unless no connection was made", async () => {
    const once = clientOf([broken]);
    assert.equal(
      (await failure(once.emet.workers.revert(worker, { type: "revertLastInvocations", numberOfInvocations: 1 }))).code,
      "unreachable",
    );
    assert.equal(once.sent.length, 1);
    const anonymous = clientOf([broken]);
    assert.equal((await failure(anonymous.emet.workers.invoke({ componentId: "c" }, "f", []))).code, "unreachable");
    assert.equal(anonymous.sent.length, 1);
    const twice = clientOf([refused, json({})]);
    await twice.emet.workers.delete(worker);
    assert.equal(twice.sent.length, 2);
  });

  it("gives up after its attempts", async () => {
    const { emet, sent } = clientOf([refused, refused, refused]);
    const error = await failure(emet.components.list());
    assert.equal(error.message, "cannot reach the server at http://emet: ECONNREFUSED");
    assert.equal(sent.length, 3);
  });

  it("tells failures apart", async () => {
    const golemError = { type: "RuntimeError", details: "boom" };
    const cases = [
      [json({ errors: ["a", "b"] }, 400), "bad-request", "a; b"],
      [json({ error: "gone" }, 404), "not-found", "gone"],
      [json({ error: "there" }, 409), "conflict", "there"],
      [json({ golemError }, 500), "worker-error", "Runtime error: boom"],
      [new Response("oops", { status: 502 }), "server-error", "oops"],
      [new Response("<html>"), "unexpected-answer", "the server's answer is no JSON: <html>"],
    ] as const;
    for (const [answer, code, message] of cases) {
      const error = await failure(clientOf([answer]).emet.workers.get(worker));
      assert.deepEqual([error.code, error.message], [code, message]);
    }
    const error = await failure(clientOf([json({ golemError }, 500)]).emet.workers.get(worker));
    assert.deepEqual(error.golemError, golemError);
  });

  it("ends with the caller's reason when the caller stops", async () => {
    const controller = new AbortController();
    const { emet } = clientOf([broken]);
    controller.abort(new Error("enough"));
    await assert.rejects(emet.workers.invoke(worker, "f", [], { signal: controller.signal }), /enough/u);
  });

  it("follows pages", async () => {
    const page = (name: string, cursor: unknown): Response => json({ workers: [{ name }], cursor });
    const { emet, sent } = clientOf([page("a", { cursor: 7, layer: 0 }), page("b", null)]);
    const names = [];
    for await (const item of emet.workers.list("c", { filters: ["status = Idle", "version > 1"] })) names.push(item);
    assert.deepEqual(names, [{ name: "a" }, { name: "b" }]);
    assert.match(sent[1]?.url ?? "", /filter=status%20%3D%20Idle&filter=version%20%3E%201&cursor=0%2F7$/u);
  });
});
