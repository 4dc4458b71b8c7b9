/** What the linear memories of a component's instances hold before the first call. */
import { instantiate, TrapError } from "@emet/component";
import type { Component, HostFunction } from "@emet/component";
import { imageOf } from "./memory-pages.ts";

/** By the memory's path; those that aren't there count as zeros. */
export type FreshImage = ReadonlyMap<string, Uint8Array>;

const images = new WeakMap<Component, Promise<FreshImage>>();

/** The same for all instances in this thread. Where starting a component calls the host, each begins in its own way. */
export function freshImage(component: Component): Promise<FreshImage> {
  const known = images.get(component);
  if (known !== undefined) return known;
  const made = makeImage(component);
  images.set(component, made);
  return made;
}

function refuse(): never {
  throw new TrapError("ended", "there is no host yet");
}

async function makeImage(component: Component): Promise<FreshImage> {
  const missing = (): HostFunction => ({ kind: "sync", call: refuse });
  try {
    const instance = await instantiate(component, { instance: () => undefined, missing });
    return new Map(instance.state().memories.map(({ path, part }) => [path, imageOf(part)]));
  } catch {
    return new Map();
  }
}
