import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { findRecursion } from "./call-graph.ts";
import type { CallGraph } from "./call-graph.ts";
import type { ScannedFunction } from "./scan.ts";
import { frameBytes, stackCharges, stackShare } from "./stack-budget.ts";

interface Node {
  readonly calls: readonly number[];
  readonly callsIndirectly: boolean;
  readonly localBytes: number;
}

function graphOf(nodes: readonly Node[]): CallGraph {
  const starts = new Int32Array(nodes.length + 1);
  for (const [index, { calls }] of nodes.entries()) starts[index + 1] = (starts[index] ?? 0) + calls.length;
  return { starts, callees: Int32Array.from(nodes.flatMap(({ calls }) => calls)) };
}

function scanned(node: Node): ScannedFunction {
  return {
    bodyStart: 0,
    codeStart: 0,
    bodyEnd: 0,
    localGroups: 0,
    localCount: 0,
    localBytes: node.localBytes,
    maximumHeight: 0,
    maximumParameters: 0,
    firstPoint: 0,
    endPoint: 0,
    firstCall: 0,
    endCall: 0,
    callsIndirectly: node.callsIndirectly,
    handlesExceptions: false,
    usesVectors: false,
  };
}

/** Random functions; calls are taken modulo their number. */
const modules = fc
  .array(
    fc.record({
      calls: fc.array(fc.nat(30), { maxLength: 4 }),
      callsIndirectly: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
      localBytes: fc.nat(600),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((nodes): Node[] => nodes.map((node) => ({ ...node, calls: node.calls.map((callee) => callee % nodes.length) })));

function reaches(nodes: readonly Node[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const waiting = [...(nodes[from]?.calls ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(nodes[next]?.calls ?? []));
  }
  return false;
}

test("findRecursion finds the functions that reach themselves, and orders callees before callers", () => {
  fc.assert(
    fc.property(modules, (nodes) => {
      const { recursive, calleesFirst, cycleStart } = findRecursion(graphOf(nodes));
      const places = new Map([...calleesFirst].map((index, place) => [index, place]));
      assert.equal(places.size, nodes.length);
      for (const [index, { calls }] of nodes.entries()) {
        assert.equal(recursive[index] === 1, reaches(nodes, index, index));
        for (const callee of calls) {
          const isSameCycle = callee === index || reaches(nodes, callee, index);
          assert.equal(cycleStart[callee] === cycleStart[index], isSameCycle);
          if (!isSameCycle) assert.ok((places.get(callee) ?? 0) < (places.get(index) ?? 0));
        }
      }
    }),
  );
});

test("a chain of 100,000 calls needs no stack to analyse", () => {
  const nodes = Array.from({ length: 100_000 }, (_, index) => ({
    calls: index === 99_999 ? [] : [index + 1],
    callsIndirectly: false,
    localBytes: 0,
  }));
  assert.equal(findRecursion(graphOf(nodes)).calleesFirst[0], 99_999);
});

test("whatever the calls, the bytes in use exceed those charged by one uncounted chain at most", () => {
  const walks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(modules, walks, (nodes, walk) => {
      const graph = graphOf(nodes);
      const functions = nodes.map(scanned);
      const charges = stackCharges(functions, graph, findRecursion(graph));
      let current = (walk[0] ?? 0) % nodes.length;
      let used = 0;
      let charged = 0;
      for (const step of walk) {
        const node = nodes[current];
        const frame = functions[current];
        assert.ok(node && frame);
        used += frameBytes(frame);
        charged += charges[current] ?? 0;
        assert.ok(used <= charged + 1_024 + 8_192, `${used} used, ${charged} charged`);
        const targets = node.callsIndirectly ? [...node.calls, ...nodes.keys()] : node.calls;
        if (targets.length === 0) break;
        current = targets[step % targets.length] ?? 0;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("stackShare divides a budget", () => {
  assert.equal(stackShare(3_000_000, 4), 750_000);
  assert.equal(stackShare(3_000_000, 0), 3_000_000);
});
