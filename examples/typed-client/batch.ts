import { EmetClient } from "@emet/contract/client";

const emet = new EmetClient({ url: "http://localhost:9881" });
const [component] = await emet.components.list("batched");
if (component === undefined) throw new Error("there is no such component");
const { componentId } = component.versionedComponentId;
const calls = Array.from({ length: 1000 }, (_, id) => ({
  id,
  workerName: `worker-${id % 10}`,
  functionName: "add",
  params: [1],
}));
let answered = 0;
for await (const { error } of emet.workers.invokeBatch(componentId, calls)) {
  if (error === undefined) answered += 1;
}
console.log(answered);
