import { list, option, string, tuple, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WasiCliEnvironment } from "../generated/wasi-cli/environment.ts";
import type { HostInterface, WorkerFacts } from "../interface.ts";
import { sync } from "../interface.ts";

const getEnvironment = durableFunction({
  name: "golem_environment::get_environment",
  class: "local-read",
  request: unit,
  response: list(tuple(string, string)),
});
const getArguments = durableFunction({
  name: "golem_environment::get_arguments",
  class: "local-read",
  request: unit,
  response: list(string),
});
const initialCwd = durableFunction({
  name: "golem_environment::initial_cwd",
  class: "local-read",
  request: unit,
  response: option(string),
});

/** The variables that a worker sees: those given at creation, then the worker's own (spec/host-interfaces.md §16). */
export function workerEnvironment(facts: WorkerFacts): readonly (readonly [string, string])[] {
  const own: readonly (readonly [string, string])[] = [
    ["GOLEM_WORKER_NAME", facts.id.workerName],
    ["GOLEM_COMPONENT_ID", facts.id.componentId],
    ["GOLEM_COMPONENT_VERSION", String(facts.componentVersion)],
  ];
  const reserved = new Set(own.map(([name]) => name));
  return [...facts.env.filter(([name]) => !reserved.has(name)), ...own];
}

/** wasi:cli/environment: local reads. */
export const environment: HostInterface<WasiCliEnvironment> = {
  name: "wasi:cli/environment@0.2.0",
  durable: { "get-environment": getEnvironment, "get-arguments": getArguments, "initial-cwd": initialCwd },
  bind: ({ durable, facts }) => ({
    functions: {
      "get-environment": sync(() => durable.call(getEnvironment, [], () => workerEnvironment(facts()))),
      "get-arguments": sync(() => durable.call(getArguments, [], () => facts().args)),
      "initial-cwd": sync(() => durable.call(initialCwd, [], () => undefined)),
    },
    resources: {},
  }),
};
