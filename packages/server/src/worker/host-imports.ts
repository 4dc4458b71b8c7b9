/** What a component imports from this server: the shapes once for all its instances, the functions for each when it calls them. */
import type { HostFunction, HostInstance, HostShape, ImportedFunction, Imports } from "@emet/component";
import type { ComponentImage } from "../component/component-image.ts";
import { HostTrap } from "../durability/errors.ts";
import { clientInstance } from "../host/golem-rpc/client-instance.ts";
import type { HostContext } from "../host/interface.ts";
import { hostInterfaces } from "../host/registry.ts";

type Shape = NonNullable<Imports["shape"]>;

const shapes = new WeakMap<ComponentImage, Shape>();

function missingFunction(imported: ImportedFunction): HostFunction {
  const name = imported.instance === undefined ? imported.name : `${imported.instance}.{${imported.name}}`;
  return {
    kind: "sync",
    call: () => {
      throw new HostTrap(`the imported function ${name} is not provided by this server`);
    },
  };
}

/** The imports of one instance. */
export function hostImports(image: ComponentImage, context: HostContext): Imports {
  const interfaces = hostInterfaces(context);
  let clients: Map<string, HostInstance> | undefined;
  const instance = (name: string): HostInstance | undefined => {
    const client = Object.hasOwn(image.clients, name) ? image.clients[name] : undefined;
    if (client === undefined) return interfaces(name);
    clients ??= new Map();
    const made = clients.get(name) ?? clientInstance(context, client);
    clients.set(name, made);
    return made;
  };
  return { instance, shape: shapeOf(image, instance), missing: missingFunction };
}

/** The shapes are seen at the first instance, and are the same for all: which functions there are doesn't depend on workers. */
function shapeOf(image: ComponentImage, instance: Imports["instance"]): Shape {
  let shape = shapes.get(image);
  if (shape === undefined) {
    const [root] = image.component.decoded.definitions;
    const known = new Map((root?.imports ?? []).map(({ name }) => [name, shapeOfInstance(instance(name))]));
    shape = (name) => known.get(name);
    shapes.set(image, shape);
  }
  return shape;
}

const instanceShapes = new WeakMap<HostInstance, HostShape>();

/** The same one for the same instance: by whatever names it is imported, its resources are the same types. */
function shapeOfInstance(instance: HostInstance | undefined): HostShape | undefined {
  if (instance === undefined) return undefined;
  let shape = instanceShapes.get(instance);
  if (shape === undefined) {
    const kinds = Object.entries(instance.functions).map(([name, { kind }]) => [name, kind] as const);
    const resources = Object.entries(instance.resources).map(([name, { waits = false }]) => [name, { waits }] as const);
    shape = { functions: Object.fromEntries(kinds), resources: Object.fromEntries(resources) };
    instanceShapes.set(instance, shape);
  }
  return shape;
}
