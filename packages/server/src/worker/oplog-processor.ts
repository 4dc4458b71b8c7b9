/** Calls of oplog processors: components that take in the oplogs of others (spec/host-interfaces.md §2.5, §7.3). */
import type { Value } from "@emet/component";
import type { ComponentImage } from "../component/component-image.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { showEntry } from "../durability/oplog/shown-entry.ts";
import type { StoredEntry } from "../durability/oplog/stored-entry.ts";
import { accountId, toWitEntry, withoutLaterKinds } from "../host/golem-api/oplog-entry.ts";
import { toWitUuid, toWitWorkerId } from "../host/golem-api/types.ts";
import { toWitMetadata } from "../host/golem-api/worker-metadata.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { OplogPart } from "./delivery-plan.ts";
import { invocationTarget } from "./invocation-target.ts";
import type { WorkerServices } from "./services.ts";
import { imageOf } from "./version-change.ts";
import { workersAccess } from "./workers-access.ts";

/**
 * How many workers one installation has for its processor. Never to be changed: a part that is sent again must go to
 * the worker that may have got it.
 */
const processorCount = 4;

const entriesType = /@1\.1\.(\d+)$/u;
/** From this patch version of golem:api on there are names for all kinds of entries. */
const laterKindsSince = 6;

export interface ProcessorCall {
  readonly worker: WorkerId;
  readonly part: OplogPart;
  readonly entries: readonly StoredEntry[];
  /** Once for the part: repeating the call repeats nothing. */
  readonly idempotencyKey: string;
}

/** The name of the worker that takes in the oplog of another. */
export function processorName(worker: WorkerId, installationId: string, shardOf: WorkerServices["shardOf"]): string {
  return `${installationId}-${shardOf(worker) % processorCount}`;
}

/**
 * Resolves when the processor has taken it in, durably; with what it complains of, if it does. Rejects when it can't, for
 * now.
 */
export async function callProcessor(call: ProcessorCall, services: WorkerServices): Promise<string | undefined> {
  const { worker, part, idempotencyKey } = call;
  const { plugin } = part;
  const { componentId = "", componentVersion: version = 0 } = plugin.processor ?? {};
  const target = { componentId, workerName: processorName(worker, plugin.installationId, services.shardOf) };
  // Operators may have updated it.
  const known = await services.workers.get(target);
  const image = await imageOf(target, known?.componentVersion ?? version, services);
  const interfaceName = processorInterface(image);
  const config = plugin.parameters.map(([key, value]) => `(${waveString(key)}, ${waveString(value)})`).join(", ");
  const { highBits, lowBits } = toWitUuid(worker.componentId);
  const component = `{uuid: {high-bits: ${highBits}, low-bits: ${lowBits}}}`;
  const account = `{account-id: {value: ${waveString(accountId.value)}}}`;
  const functionName = `${interfaceName}.{processor(${account}, ${component}, [${config}]).process}`;
  const { parametersType, resultsType } = invocationTarget(image, functionName);
  const input = encodeValue<Value>(parametersType, await parametersOf(call, interfaceName, services));
  const creator = { args: [], env: [], parent: worker, processes: plugin.installationId };
  const response = await services.invoke(
    { worker: target, functionName, input, idempotencyKey, awaitResult: true, creator, version },
    { ordered: false, durable: Promise.resolve() },
  );
  if (!(response instanceof Uint8Array)) return undefined;
  const [result] = decodeValue<readonly [{ readonly tag: "ok" | "err"; readonly val?: string }]>(resultsType, response);
  return result.tag === "err" ? result.val : undefined;
}

async function parametersOf(
  { worker, part, entries }: ProcessorCall,
  interfaceName: string,
  services: WorkerServices,
): Promise<Value> {
  const { get, signature } = workersAccess(services);
  const found = await get(worker);
  if (found === undefined) throw new Error(`worker ${worker.workerName} is gone`);
  const later = Number(entriesType.exec(interfaceName)?.[1] ?? 0) >= laterKindsSince;
  const shown = await Promise.all(
    entries.map((entry) => showEntry(entry, (version, name) => signature(worker.componentId, version, name))),
  );
  const wit = shown.map((entry) =>
    later ? toWitEntry(entry) : withoutLaterKinds(toWitEntry(entry), entry.timestampMs),
  );
  const values = [toWitWorkerId(worker), toWitMetadata(worker, found), BigInt(part.start.index), wit];
  return values as unknown as Value;
}

function processorInterface(image: ComponentImage): string {
  const method = image.functions.find(
    (item) =>
      item.interface?.startsWith("golem:api/oplog-processor@") === true && item.name === "[method]processor.process",
  );
  if (method?.interface !== undefined) return method.interface;
  throw new Error(`component ${image.componentId} is no oplog processor`);
}

const special = /["\\\p{Cc}]/gu;

/** A string in WAVE. */
export function waveString(text: string): string {
  const escaped = text.replaceAll(special, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`);
  return `"${escaped}"`;
}
