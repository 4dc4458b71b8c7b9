import { GetWorkers, getSelfMetadata } from "golem:api/host@1.1.7";

let visits = 0;

export function visit() {
  visits += 1;
  return visits;
}

export function whoAmI() {
  const { workerId, env, status, componentVersion } = getSelfMetadata();
  const region = env.find(([name]) => name === "REGION")?.[1] ?? "nowhere";
  return `${workerId.workerName} in ${region}, ${status}, version ${componentVersion}`;
}

/** Names of the idle workers of this component that were given a region. */
export function neighbours(region) {
  const { componentId } = getSelfMetadata().workerId;
  const filters = [
    { tag: "status", val: { comparator: "equal", value: "idle" } },
    { tag: "env", val: { name: "REGION", comparator: "equal", value: region } },
  ];
  // Any of these, each of which is all of those.
  const pages = new GetWorkers(componentId, { filters: [{ filters }] }, true);
  const names = [];
  for (let page = pages.getNext(); page !== undefined; page = pages.getNext()) {
    names.push(...page.map(({ workerId }) => workerId.workerName));
  }
  return names;
}
