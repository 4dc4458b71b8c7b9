/** From what V8 has sampled of a thread to a tree of functions with the time that each took. */

/** A file that Node writes under `--cpu-prof`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds of the system's monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds between a sample and the one before it. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A function as called along one path. */
export interface Frame {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly children: readonly Frame[];
  /** Microseconds in it and in what it called. */
  readonly total: number;
  readonly self: number;
}

export interface Thread {
  readonly name: string;
  readonly root: Frame;
  /** Of the sampled time, without what the thread spent waiting. */
  readonly busyPart: number;
}

interface Growing {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly children: Map<string, Growing>;
  self: number;
}

const idle = "(idle)";

/** Which thread a profile is of tells the file that it was started with. */
const threadNames: readonly (readonly [file: string, name: string])[] = [
  ["executor-main.ts", "executor thread"],
  ["/storage/storage-thread.ts", "storage thread"],
  ["/cli/src/main.ts", "main thread"],
];

function nameOf({ nodes }: CpuProfile): string {
  for (const [file, name] of threadNames) {
    if (nodes.some(({ callFrame }) => callFrame.url.endsWith(file))) return name;
  }
  return "another thread";
}

/** The frames from the outermost inwards, by the id of the innermost. */
function pathsOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, readonly ProfileNode[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const paths = new Map<number, readonly ProfileNode[]>();
  const open: { readonly node: ProfileNode; readonly path: readonly ProfileNode[] }[] = [];
  // The first is the root, which is no function.
  const [root] = nodes;
  if (root !== undefined) open.push({ node: root, path: [] });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next;
    paths.set(node.id, path);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) open.push({ node: child, path: [...path, child] });
    }
  }
  return paths;
}

function childOf(parent: Growing, { functionName, url, lineNumber }: ProfileNode["callFrame"]): Growing {
  const key = `${functionName} ${url}:${lineNumber}`;
  const found = parent.children.get(key);
  if (found !== undefined) return found;
  const name = functionName === "" ? "(anonymous)" : functionName;
  const made = { name, url, line: lineNumber + 1, children: new Map<string, Growing>(), self: 0 };
  parent.children.set(key, made);
  return made;
}

function finished({ name, url, line, children, self }: Growing): Frame {
  const done = [...children.values()].map(finished).sort((left, right) => right.total - left.total);
  return { name, url, line, children: done, self, total: self + done.reduce((sum, child) => sum + child.total, 0) };
}

/** What the thread did between two moments, in microseconds of the monotonic clock. */
export function threadOf(profile: CpuProfile, from: number, to: number): Thread {
  const paths = pathsOf(profile.nodes);
  const root: Growing = { name: "all", url: "", line: 0, children: new Map(), self: 0 };
  let time = profile.startTime;
  let waited = 0;
  let sampled = 0;
  for (const [index, id] of profile.samples.entries()) {
    const taken = Math.max(0, profile.timeDeltas[index] ?? 0);
    time += taken;
    if (time < from || time > to) continue;
    const path = paths.get(id) ?? [];
    sampled += taken;
    if (path.at(-1)?.callFrame.functionName === idle) waited += taken;
    else path.reduce((parent, { callFrame }) => childOf(parent, callFrame), root).self += taken;
  }
  return { name: nameOf(profile), root: finished(root), busyPart: sampled === 0 ? 0 : 1 - waited / sampled };
}
