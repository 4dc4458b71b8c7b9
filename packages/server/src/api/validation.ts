import type { Hook } from "@hono/zod-openapi";
import type { Env } from "hono";
import { toResponse } from "./errors.ts";

/** Requests that don't fit their schema get 400 with a line for each mistake: where it is, and what was expected. */
export const validationHook: Hook<unknown, Env, string, Response | undefined> = (result) => {
  if (result.success) return undefined;
  const errors = result.error.issues.map((issue) => {
    const place = issue.path.map(String).join(".");
    return place === "" ? issue.message : `${place}: ${issue.message}`;
  });
  return toResponse({ status: 400, body: { errors } });
};
