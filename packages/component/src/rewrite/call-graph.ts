/** Which functions can call themselves through direct calls. */

/** Direct calls: the callees of function `f` are `callees[starts[f]]` to `callees[starts[f + 1] - 1]`. */
export interface CallGraph {
  readonly starts: Int32Array;
  readonly callees: Int32Array;
}

/** What a depth-first search leaves behind. */
export interface Components {
  /** 1 for functions in a cycle of direct calls. */
  readonly recursive: Uint8Array;
  /** All functions, callees before their callers; the functions of a cycle stand together. */
  readonly calleesFirst: Int32Array;
  /** Where in `calleesFirst` the cycle of each function begins; a function without one is alone there. */
  readonly cycleStart: Int32Array;
}

/** State of Tarjan's algorithm, with a stack of its own: call chains may be long. */
class Search {
  readonly recursive: Uint8Array;
  readonly calleesFirst: Int32Array;
  readonly cycleStart: Int32Array;
  readonly #graph: CallGraph;
  readonly #order: Int32Array;
  readonly #low: Int32Array;
  readonly #onStack: Uint8Array;
  readonly #component: Int32Array;
  readonly #path: Int32Array;
  readonly #nextEdge: Int32Array;
  #componentSize = 0;
  #finished = 0;
  #visited = 0;

  constructor(graph: CallGraph) {
    const count = graph.starts.length - 1;
    this.#graph = graph;
    this.recursive = new Uint8Array(count);
    this.calleesFirst = new Int32Array(count);
    this.cycleStart = new Int32Array(count);
    this.#order = new Int32Array(count);
    this.#low = new Int32Array(count);
    this.#onStack = new Uint8Array(count);
    this.#component = new Int32Array(count);
    this.#path = new Int32Array(count);
    this.#nextEdge = graph.starts.slice(0, count);
  }

  run(): void {
    for (let root = 0; root < this.#order.length; root++) {
      if (this.#order[root] === 0) this.#from(root);
    }
  }

  #enter(node: number): void {
    this.#order[node] = this.#low[node] = ++this.#visited;
    this.#onStack[node] = 1;
    this.#component[this.#componentSize++] = node;
  }

  #from(root: number): void {
    let depth = 0;
    this.#path[0] = root;
    this.#enter(root);
    while (depth >= 0) {
      const node = this.#path[depth] ?? 0;
      const next = this.#step(node);
      if (next >= 0) {
        this.#path[++depth] = next;
        this.#enter(next);
        continue;
      }
      depth--;
      if (depth >= 0) this.#lower(this.#path[depth] ?? 0, this.#low[node] ?? 0);
      if (this.#low[node] === this.#order[node]) this.#finish(node);
    }
  }

  #lower(node: number, value: number): void {
    if (value < (this.#low[node] ?? 0)) this.#low[node] = value;
  }

  /** Follows the edges of `node` to the first function that was not visited yet, or returns -1. */
  #step(node: number): number {
    const { starts, callees } = this.#graph;
    const end = starts[node + 1] ?? 0;
    let edge = this.#nextEdge[node] ?? 0;
    for (; edge < end; edge++) {
      const callee = callees[edge] ?? 0;
      if (callee === node) this.recursive[node] = 1;
      const order = this.#order[callee] ?? 0;
      if (order === 0) break;
      if (this.#onStack[callee] === 1) this.#lower(node, order);
    }
    this.#nextEdge[node] = edge + 1;
    return edge < end ? (callees[edge] ?? 0) : -1;
  }

  /** Takes the finished component of `root` off the stack. */
  #finish(root: number): void {
    const isCycle = this.#component[this.#componentSize - 1] !== root;
    const start = this.#finished;
    let member = -1;
    while (member !== root) {
      member = this.#component[--this.#componentSize] ?? root;
      this.#onStack[member] = 0;
      this.cycleStart[member] = start;
      if (isCycle) this.recursive[member] = 1;
      this.calleesFirst[this.#finished++] = member;
    }
  }
}

/** Finds the functions that lie on a cycle of direct calls, and an order of all functions. */
export function findRecursion(graph: CallGraph): Components {
  const search = new Search(graph);
  search.run();
  return search;
}
