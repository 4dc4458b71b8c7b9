export * from "./types/value-type.ts";
