/**
 * A worker that comes back from a memory snapshot must be the one that comes back by replay, byte for byte. A guest gets
 * random calls; after each it is saved, and a second instance is made of that at once. In the end each of the saved
 * states is the beginning of a load that replays what came after it. All of them must be equal to the live instance.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ComponentImage, ExportedFunctionInfo } from "../../packages/server/src/component/component-image.ts";
import { encodeValue } from "../../packages/server/src/durability/codec/value-codec.ts";
import { comparableState } from "../../packages/server/src/durability/oplog-for-tests.ts";
import { NotSavableError } from "../../packages/server/src/host/saved-resources.ts";
import type { SavedFiles } from "../../packages/server/src/host/wasi-filesystem/saved-files.ts";
import { replayWorker, servicesForTests, startWorker } from "../../packages/server/src/worker/guest-for-tests.ts";
import type { TestRun } from "../../packages/server/src/worker/guest-for-tests.ts";
import type { WorkerInstance } from "../../packages/server/src/worker/instance.ts";
import type { InvocationTarget } from "../../packages/server/src/worker/invocation-target.ts";
import { invocationTarget } from "../../packages/server/src/worker/invocation-target.ts";
import { freshImage } from "../../packages/server/src/worker/memory-snapshot/fresh-image.ts";
import { writeSnapshot } from "../../packages/server/src/worker/memory-snapshot/memory-snapshot.ts";
import { noSnapshots } from "../../packages/server/src/worker/memory-snapshot/snapshot-policy.ts";
import { saveInstance } from "../../packages/server/src/worker/memory-snapshot/saved-instance.ts";
import type { WorkerServices } from "../../packages/server/src/worker/services.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { neededResources, randomValue } from "./random-calls.ts";

/** A large guest, such as one with a JavaScript engine in it, takes long to load, and is loaded twice for each call. */
const calls = ({ componentSize }: ComponentImage): number => (componentSize > 2 ** 20 ? 5 : 12);
/** A call that takes longer is left out of the next attempt. */
const callMsMax = 1000;

export interface Equivalence {
  /** Idle points at which the guest was saved and made anew. */
  readonly saved: number;
  /** Why it couldn't be saved at others. */
  readonly obstacles: ReadonlySet<string>;
  /** Functions that were called. */
  readonly called: ReadonlySet<string>;
}

/** Where time passes only while somebody sleeps, and a bit whenever it is looked at. */
function simulatedTime(): Pick<WorkerServices, "clock" | "sleep"> {
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    clock: { now: () => (nowMs += 0.01) },
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
}

/** Times that no record holds: a file's are set when the guest asks for them, an invocation's when it begins. */
const unrecorded = new Set(["times", "startMs"]);

function withoutUnrecorded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnrecorded);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const kept = Object.entries(value).filter(([name]) => !unrecorded.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutUnrecorded(inner)]));
}

/** A tree that nobody has looked for is one with nothing in it. */
function contentOfFiles(files: SavedFiles | undefined): unknown {
  if (files === undefined || files.made === 1) return undefined;
  return { ...files, nodes: files.nodes.toSorted((left, right) => left.number - right.number) };
}

/** Everything of an instance that a guest could ever find out. */
function contentOf(instance: WorkerInstance): unknown {
  const saved = saveInstance(instance, new Map());
  const memories = saved.memories.map(({ path, state: { bytes, pages, content } }) => {
    const digest = createHash("sha256").update(pages).update(content).digest("hex");
    return { path, bytes, pages: pages.length, digest };
  });
  return withoutUnrecorded({ ...saved, memories, files: contentOfFiles(saved.files) });
}

/** A guest with the calls that a seed makes of it. */
class Trial {
  readonly #image: ComponentImage;
  readonly #random: SeededRandom;
  readonly #avoided: ReadonlySet<string>;
  #snapshot: Uint8Array | undefined;
  readonly #services: WorkerServices;
  readonly #snapshots: Uint8Array[] = [];
  readonly obstacles = new Set<string>();
  readonly called = new Set<string>();
  /** The function that was called last. */
  last = "";

  constructor(image: ComponentImage, seed: number, avoided: ReadonlySet<string>) {
    this.#image = image;
    this.#random = new SeededRandom(seed);
    this.#avoided = avoided;
    const services = servicesForTests(simulatedTime());
    this.#services = {
      ...services,
      image: async (_componentId, version) => (version === image.version ? image : undefined),
      limits: {
        ...services.limits,
        suspendAfterMs: Number.POSITIVE_INFINITY,
        memorySnapshots: { ...noSnapshots, enabled: true },
      },
      memorySnapshots: {
        get: async (_worker, generation) => (generation === "latest" ? this.#snapshot : undefined),
        put: () => Promise.reject(new Error("nothing is put")),
        delete: () => Promise.reject(new Error("nothing is deleted")),
      },
    };
  }

  get saved(): number {
    return this.#snapshots.length;
  }

  async run(): Promise<void> {
    const live = await startWorker(this.#image, this.#services);
    try {
      await live.session.writer.commit();
      await this.#save(live);
      for (let call = 0; call < calls(this.#image); call += 1) {
        await this.#call(live);
        await this.#save(live);
      }
      await this.#compareAll(live);
    } finally {
      live.instance.close();
    }
  }

  async #call(live: TestRun): Promise<void> {
    const handles = (resource: number): readonly number[] =>
      [...(live.instance.exported.save().byId ?? [])]
        .filter(([, owned]) => owned.resource === resource)
        .map(([id]) => id);
    const possible = this.#image.functions.filter(
      (info) => !this.#avoided.has(nameOf(info)) && neededResources(info).every((each) => handles(each).length > 0),
    );
    if (possible.length === 0) return;
    const info = this.#random.pickAny(possible);
    const target: InvocationTarget = invocationTarget(this.#image, nameOf(info));
    const given = target.parameters.map(({ type }) => randomValue(type, this.#random, handles));
    this.last = target.functionName;
    const timeout = setTimeout(() => live.instance.abort(new Error("it takes too long")), callMsMax);
    try {
      await live.call(target, encodeValue(target.parametersType, given));
    } finally {
      clearTimeout(timeout);
    }
    this.called.add(target.functionName);
  }

  /** Saves the guest, and makes another one of what was saved. */
  async #save({ session, instance }: TestRun): Promise<void> {
    try {
      const saved = saveInstance(instance, await freshImage(this.#image.component));
      const { startIndex } = instance;
      this.#snapshot = writeSnapshot({ state: session.state, startIndex, instance: saved });
    } catch (error) {
      if (!(error instanceof NotSavableError)) throw error;
      this.obstacles.add(error.message);
      return;
    }
    this.#snapshots.push(this.#snapshot);
    const restored = await replayWorker(this.#image, this.#services);
    assert.deepEqual(contentOf(restored.instance), contentOf(instance), `after ${this.last}`);
    assert.deepEqual(comparableState(restored.session.state), comparableState(session.state));
    restored.instance.close();
  }

  /** From every snapshot to the end, and from the beginning. */
  async #compareAll(live: TestRun): Promise<void> {
    if (this.#snapshots.length === 0) return;
    const expected = this.#contentIfSavable(live.instance);
    for (const snapshot of [undefined, ...this.#snapshots]) {
      this.#snapshot = snapshot;
      const loaded = await replayWorker(this.#image, this.#services);
      assert.deepEqual(this.#contentIfSavable(loaded.instance), expected);
      assert.deepEqual(comparableState(loaded.session.state), comparableState(live.session.state));
      loaded.instance.close();
    }
  }

  #contentIfSavable(instance: WorkerInstance): unknown {
    try {
      return contentOf(instance);
    } catch (error) {
      if (error instanceof NotSavableError) return error.message;
      throw error;
    }
  }
}

function nameOf({ interface: instance, name }: ExportedFunctionInfo): string {
  return instance === undefined ? name : `${instance}.{${name}}`;
}

/** Throws an assertion's error where they differ. Functions that trap are left out, one after the other. */
export async function checkEquivalence(image: ComponentImage, seed: number): Promise<Equivalence> {
  const avoided = new Set<string>();
  for (;;) {
    const trial = new Trial(image, seed, avoided);
    try {
      await trial.run();
      return { saved: trial.saved, obstacles: trial.obstacles, called: trial.called };
    } catch (error) {
      if (error instanceof assert.AssertionError || trial.last === "" || avoided.has(trial.last)) throw error;
      avoided.add(trial.last);
    }
  }
}
