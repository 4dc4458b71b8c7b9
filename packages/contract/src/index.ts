export { golemErrorSchema } from "./rest/golem-error.ts";
export * from "./rest/component.ts";
export * from "./rest/plugin.ts";
export * from "./rest/route.ts";
export * from "./rest/worker.ts";
export * from "./rest/worker-filter.ts";
export * from "./client/index.ts";
