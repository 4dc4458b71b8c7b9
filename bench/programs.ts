/** The benchmarks that `npm run bench` runs, in the order of the page. README.md says how to add one. */

export interface Program {
  /** What `--only` names it by. */
  readonly name: string;
  /** Below this folder. */
  readonly file: string;
  /** What it is given besides what the runner was. */
  readonly parameters?: readonly string[];
}

export const programs: readonly Program[] = [
  { name: "component", file: "component/calls.ts" },
  { name: "durability", file: "durability/overhead.ts" },
  { name: "http", file: "http/main.ts" },
  { name: "peers-counter", file: "peers/main.ts", parameters: ["--task=counter"] },
  { name: "peers-steps", file: "peers/main.ts", parameters: ["--task=steps"] },
  { name: "peers-call", file: "peers/main.ts", parameters: ["--task=call"] },
  { name: "rpc", file: "rpc/main.ts" },
  { name: "golem-latency", file: "golem/latency.ts" },
  { name: "golem-throughput", file: "golem/throughput.ts", parameters: ["--calls=direct"] },
  { name: "golem-rpc", file: "golem/throughput.ts", parameters: ["--calls=between"] },
  { name: "golem-waiting", file: "golem/waiting.ts" },
  { name: "executors", file: "executors/main.ts" },
  { name: "executors-skewed", file: "executors/skewed.ts" },
  { name: "storage", file: "storage/main.ts" },
  { name: "storage-partitions", file: "storage/partitions.ts" },
  { name: "keyvalue", file: "keyvalue/main.ts" },
  { name: "workers", file: "workers/main.ts" },
  { name: "density", file: "density/main.ts", parameters: ["--part=memory"] },
  { name: "density-sleeping", file: "density/main.ts", parameters: ["--part=sleeping"] },
  { name: "fairness", file: "fairness/main.ts" },
  { name: "recovery", file: "recovery/main.ts", parameters: ["--part=records"] },
  { name: "recovery-invocations", file: "recovery/main.ts", parameters: ["--part=invocations"] },
  { name: "recovery-many", file: "recovery/main.ts", parameters: ["--part=many"] },
];
