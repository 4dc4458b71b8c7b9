/**
 * Records a history with the server as it is: `node --conditions=source test/histories/record.ts NAME`. Each release
 * that changes what is recorded adds one, and all of them stay.
 */
import { completePromise } from "../../packages/server/src/worker/suspension.ts";
import {
  imageForTests,
  servicesForTests,
  startWorker,
  testWorker,
} from "../../packages/server/src/worker/guest-for-tests.ts";
import { textGuest } from "../support/guests.ts";
import { writeHistory } from "./history.ts";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: record.ts NAME");

const component = await textGuest("ledger");
const services = servicesForTests();
const { invoke, session } = await startWorker(await imageForTests(component), services);
await invoke("add", 40);
await invoke("write", 101);
await invoke("sleep", 5);
await invoke("add", 1);
await invoke("write", 109);
const asked = JSON.parse(await invoke("ask")) as { readonly result: { readonly value: readonly number[] } };
const promise = { worker: testWorker, oplogIndex: asked.result.value[0] ?? 0 };
await completePromise(promise, Uint8Array.of(7), services);
await invoke("receive");
await invoke("read");
await invoke("sum");
await session.writer.commit();
const { chunks } = await services.oplogs.read(testWorker, 1, Number.MAX_SAFE_INTEGER);
await writeHistory(name, { component, chunks });
