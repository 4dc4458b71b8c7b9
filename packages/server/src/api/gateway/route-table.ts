/** Finds the route of a request: the most particular one that matches. */
import type { Route } from "@emet/contract";

type Segment = { readonly literal: string } | { readonly parameter: string };

interface CompiledRoute {
  readonly route: Route;
  readonly segments: readonly Segment[];
}

export interface RoutedRequest {
  /** With or without a port. */
  readonly host: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export interface MatchedRoute {
  readonly route: Route;
  readonly parameters: ReadonlyMap<string, string>;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function segmentsOf(path: string): readonly string[] {
  return path === "/" ? [] : path.slice(1).split("/").map(decoded);
}

function compile(route: Route): CompiledRoute {
  const segments = segmentsOf(route.path).map((text): Segment => {
    const [, parameter] = /^\{(.*)\}$/u.exec(text) ?? [];
    return parameter === undefined ? { literal: text } : { parameter };
  });
  return { route, segments };
}

/** Negative when `left` comes first: a host before any, literal before parameter, longer before shorter, methods before all. */
function compareRoutes(left: CompiledRoute, right: CompiledRoute): number {
  const byHost = Number(left.route.host === undefined) - Number(right.route.host === undefined);
  if (byHost !== 0) return byHost;
  for (const [index, segment] of left.segments.entries()) {
    const other = right.segments[index];
    if (other === undefined) break;
    const byKind = Number("parameter" in segment) - Number("parameter" in other);
    if (byKind !== 0) return byKind;
  }
  const byLength = right.segments.length - left.segments.length;
  if (byLength !== 0) return byLength;
  return Number(left.route.methods === undefined) - Number(right.route.methods === undefined);
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/u, "").toLowerCase();
}

function matchSegments(segments: readonly Segment[], path: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (path.length < segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [index, segment] of segments.entries()) {
    const text = path[index] ?? "";
    if ("literal" in segment) {
      if (segment.literal !== text) return undefined;
    } else if (text === "") return undefined;
    else parameters.set(segment.parameter, text);
  }
  return parameters;
}

/** Whether two routes would match the same requests with the same right. */
export function collides(left: Pick<Route, "host" | "path" | "methods">, right: Route): boolean {
  const shape = (path: string): string => path.replaceAll(/\{[^}]*\}/gu, "{}");
  if (left.host !== right.host || shape(left.path) !== shape(right.path)) return false;
  if (left.methods === undefined || right.methods === undefined) return left.methods === right.methods;
  return left.methods.some((method) => right.methods?.includes(method));
}

export class RouteTable {
  readonly #compiled: readonly CompiledRoute[];

  constructor(routes: readonly Route[]) {
    this.#compiled = routes.map(compile).sort(compareRoutes);
  }

  find({ host, method, path }: RoutedRequest): MatchedRoute | undefined {
    const name = withoutPort(host);
    const asked = segmentsOf(path);
    for (const { route, segments } of this.#compiled) {
      if (route.host !== undefined && route.host !== name) continue;
      if (route.methods !== undefined && !route.methods.includes(method)) continue;
      const parameters = matchSegments(segments, asked);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }
}
