/** Components and workers as people name them. */
import { EmetError, isComponentId, isWorkerName } from "@emet/contract/client";
import type { ComponentJson, WorkerId } from "@emet/contract/client";
import { CommandError, exitCodes, usageError } from "./failure.ts";
import { suggestion } from "./nearest.ts";
import type { Session } from "./session.ts";

/** Components that are asked whether they have a worker of some name, when none is given. */
const searchedMax = 50;

export interface FoundWorker {
  readonly component: ComponentJson;
  readonly id: WorkerId;
}

/** Of every component the latest version, by name. */
export async function latestComponents({ emet }: Session): Promise<readonly ComponentJson[]> {
  const latest = new Map<string, ComponentJson>();
  for (const component of await emet.components.list()) {
    const { componentId, version } = component.versionedComponentId;
    if (version >= (latest.get(componentId)?.versionedComponentId.version ?? 0)) latest.set(componentId, component);
  }
  return [...latest.values()].toSorted((a, b) => (a.componentName < b.componentName ? -1 : 1));
}

function componentUrn(text: string): { readonly id?: string; readonly name?: string } {
  const [, id] = /^urn:component:([^/]+)(?:\/\d+)?$/u.exec(text) ?? [];
  if (id !== undefined) return { id };
  const [, name] = /^component:\/\/\/([^/]+)$/u.exec(text) ?? [];
  if (name !== undefined) return { name: decodeURIComponent(name) };
  return isComponentId(text) ? { id: text } : { name: text };
}

/** By name, id, `urn:component:ID` or `component:///NAME`; of the latest version unless one is given. */
export async function findComponent(session: Session, reference: string, version?: number): Promise<ComponentJson> {
  const { id, name } = componentUrn(reference);
  if (id !== undefined) return await session.emet.components.get(id, version);
  const versions = await session.emet.components.list(name);
  const wanted =
    version === undefined ? versions.at(-1) : versions.find((item) => item.versionedComponentId.version === version);
  if (wanted !== undefined) return wanted;
  if (versions.length > 0) throw new CommandError(`${reference} has no version ${version}`, exitCodes.notFound);
  const names = (await latestComponents(session)).map((item) => item.componentName);
  const there =
    names.length === 0 ? "; there are none" : suggestion(reference, names) || `; there are ${names.join(", ")}`;
  throw new CommandError(`there is no component "${reference}"${there}`, exitCodes.notFound);
}

/** The component that is meant where none is named: the default one, or the only one. */
export async function defaultComponent(session: Session, reference: string | undefined): Promise<ComponentJson> {
  const named = reference ?? session.defaultComponent;
  if (named !== undefined) return await findComponent(session, named);
  const components = await latestComponents(session);
  const [only] = components;
  if (only !== undefined && components.length === 1) return only;
  throw usageError(`which component? ${choices(components)}`);
}

function choices(components: readonly ComponentJson[]): string {
  if (components.length === 0) return 'there are none; "emet component add" uploads one';
  return `name one of ${components.map((item) => item.componentName).join(", ")}`;
}

function splitWorker(reference: string): { readonly component: string | undefined; readonly worker: string } {
  const [, id, urnName] = /^urn:worker:([^/]+)\/([^/]+)$/u.exec(reference) ?? [];
  if (id !== undefined && urnName !== undefined) return { component: id, worker: urnName };
  const path = reference.replace(/^worker:\/\/\//u, "");
  const slash = path.lastIndexOf("/");
  return slash < 0
    ? { component: undefined, worker: path }
    : { component: path.slice(0, slash), worker: path.slice(slash + 1) };
}

/**
 * `COMPONENT/WORKER`, `urn:worker:ID/NAME`, `worker:///COMPONENT/WORKER`, or `WORKER` where the component is clear: it is
 * `component`, the default one, the only one, or the only one that has a worker of this name. `-` is a new name.
 */
export async function findWorker(session: Session, reference: string, component?: string): Promise<FoundWorker> {
  const parts = splitWorker(reference);
  if (parts.component !== undefined && component !== undefined) {
    throw usageError(`"${reference}" names a component already: leave out --component`);
  }
  const workerName = parts.worker === "-" ? crypto.randomUUID() : parts.worker;
  if (!isWorkerName(workerName)) {
    throw usageError(
      `"${workerName}" can't be a worker's name: 1 to 100 letters, digits, _ and -, not beginning with -`,
    );
  }
  const named = parts.component ?? component ?? session.defaultComponent;
  const owner = named === undefined ? await ownerOf(session, workerName) : await findComponent(session, named);
  return { component: owner, id: { componentId: owner.versionedComponentId.componentId, workerName } };
}

async function ownerOf(session: Session, workerName: string): Promise<ComponentJson> {
  const components = await latestComponents(session);
  const [only] = components;
  if (only !== undefined && components.length === 1) return only;
  const searched = components.slice(0, searchedMax);
  const found = await Promise.all(searched.map((component) => hasWorker(session, component, workerName)));
  const owners = searched.filter((_, index) => found[index] === true);
  const [owner] = owners;
  if (owner !== undefined && owners.length === 1) return owner;
  if (owners.length > 1) {
    const references = owners.map((item) => `  ${item.componentName}/${workerName}`).join("\n");
    throw usageError(`several components have a worker "${workerName}"; which one?\n${references}`);
  }
  const hint = components.length === 0 ? "" : ` as COMPONENT/${workerName} or with --component`;
  throw usageError(`which component is the worker "${workerName}" of? ${choices(components)}${hint}`);
}

async function hasWorker({ emet }: Session, component: ComponentJson, workerName: string): Promise<boolean> {
  try {
    await emet.workers.get({ componentId: component.versionedComponentId.componentId, workerName });
    return true;
  } catch (error) {
    if (error instanceof EmetError && error.code === "not-found") return false;
    throw error;
  }
}

export function workerUrn({ componentId, workerName }: WorkerId): string {
  return `urn:worker:${componentId}/${workerName}`;
}

export function componentUrnOf({ versionedComponentId }: ComponentJson): string {
  return `urn:component:${versionedComponentId.componentId}`;
}
