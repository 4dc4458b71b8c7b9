export * from "./errors.ts";
export * from "./host.ts";
export * from "./types/value-type.ts";
