/** The bundled example: installs a shopping cart, calls it, and says what to try next. */
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const componentName = "shopping-cart";
/** Where the command looks when it isn't told. */
const defaultUrl = "http://127.0.0.1:9881";
const workerName = "my-cart";
const interfaceName = "example:shop/cart";

const run = promisify(execFile);
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Shipped with the published package; in the repository it is built from its sources instead. */
const shipped = path("../dist/shopping-cart.wasm");
const sources = path("../../../examples/shopping-cart/");

/** Runs once the server accepts calls. Whatever fails here is said and does no harm to the server. */
export async function runExample(url: string): Promise<void> {
  try {
    const componentId = await install(url);
    const name = `The worker "${workerName}" of the component "${componentName}"`;
    const status = await workerStatus(url, componentId);
    if (status === undefined) await call(url, componentId, "add-item", [{ product: "tea", price: 250, quantity: 2 }]);
    // One that sleeps would answer only when it has woken.
    if (status === undefined || status === "Idle") {
      console.log(`\n${name} has in its cart:\n  ${await call(url, componentId, "contents", [])}`);
    } else console.log(`\n${name} is here again: ${status}`);
    console.log(nextSteps(url, componentId));
  } catch (error) {
    console.error(`The example could not be run: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function install(url: string): Promise<string> {
  const installed = await request(`${url}/v1/components?component-name=${componentName}`);
  const [known] = installed as readonly VersionedComponent[];
  if (known !== undefined) return known.versionedComponentId.componentId;
  const form = new FormData();
  form.set("name", componentName);
  form.set("component", new Blob([Uint8Array.from(await binary())]), "component.wasm");
  const created = (await request(`${url}/v1/components`, { method: "POST", body: form })) as VersionedComponent;
  return created.versionedComponentId.componentId;
}

/** Undefined when there is no such worker yet. */
async function workerStatus(url: string, componentId: string): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/components/${componentId}/workers/${workerName}`);
  const worker = (await response.json()) as { readonly status?: string };
  return response.ok ? worker.status : undefined;
}

interface VersionedComponent {
  readonly versionedComponentId: { readonly componentId: string };
}

async function request(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${url}: ${text}`);
  return JSON.parse(text) as unknown;
}

function functionUrl(url: string, componentId: string, functionName: string): string {
  const name = encodeURIComponent(`${interfaceName}.{${functionName}}`);
  return `${url}/v1/components/${componentId}/workers/${workerName}/invoke-and-await?function=${name}`;
}

async function call(url: string, componentId: string, name: string, params: readonly unknown[]): Promise<string> {
  const target = functionUrl(url, componentId, name);
  const reply = await request(target, { method: "POST", body: JSON.stringify({ params }) });
  const [value] = (reply as { readonly result: { readonly value: readonly unknown[] } }).result.value;
  return JSON.stringify(value);
}

function nextSteps(url: string, componentId: string): string {
  const emet = (words: string): string => `  npx emet ${words}`;
  return `
Try next, in another terminal${url === defaultUrl ? "" : ` (after: export EMET_URL=${url})`}:
${emet(`worker invoke ${workerName} add-item '{product: "cups", price: 1200, quantity: 1}'`)}
${emet(`worker invoke ${workerName} contents`)}
  kill -9 ${process.pid}     # then start it again and ask for the contents once more: they are still there
${emet(`worker invoke --stream ${workerName} checkout-after 15`)}
                       # sleeps durably: kill and start the server meanwhile, it wakes on time
${emet(`oplog get ${workerName}`)}
  curl -X POST '${functionUrl(url, componentId, "contents")}' -d '{"params":[]}'`;
}

/** The component's bytes, built if they aren't there for these sources. */
async function binary(): Promise<Uint8Array> {
  if (!existsSync(sources)) return await readFile(shipped);
  const files = ["cart.ts", "build.ts", "wit/cart.wit"];
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(join(sources, file)));
  const cache = path("../../../.cache/");
  const built = join(cache, `shopping-cart-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (!existsSync(built)) {
    console.log("Building the example from examples/shopping-cart (TypeScript, takes about 15 seconds) …");
    await mkdir(cache, { recursive: true });
    const unfinished = `${built}.${process.pid}`;
    // In a process of its own: it computes for seconds, and the server has calls to answer.
    await run(process.execPath, [join(sources, "build.ts"), unfinished]);
    await rename(unfinished, built);
  }
  return await readFile(built);
}
