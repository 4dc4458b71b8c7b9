/** Flame graphs of threads, one above the other, in one document: each frame tells about itself where the mouse rests. */
import { element, escape, moved, svgDocument, text, textWidth } from "../harness/plot/svg.ts";
import type { Frame, Thread } from "./profile.ts";

const width = 1200;
const margin = 20;
const inner = width - 2 * margin;
const rowHeight = 17;
const leastWidth = 0.6;
const depthMax = 45;

/** What frames belong to, in the order in which they are looked for, by a part of their file's name. */
const areas: readonly (readonly [name: string, part: RegExp])[] = [
  ["HTTP and routes", /\/server\/src\/api\/|\/contract\/src\/|node:_?http|node:net|node:internal\/(?:http|stream)/u],
  ["libraries", /node_modules/u],
  ["worker", /\/server\/src\/(?:worker|cluster)\//u],
  ["durability", /\/server\/src\/durability\//u],
  ["storage", /\/server\/src\/storage\/|node:sqlite/u],
  ["component and guest", /\/component\/src\/|\/server\/src\/(?:component|host)\/|^wasm:/u],
  ["other parts of Emet", /\/packages\//u],
  ["Node and V8", /(?:)/u],
];

const subjects = areas.map(([name]) => name);

function areaOf({ url, name }: Frame): number {
  const generated = url === "" && name.startsWith("wasm-");
  return areas.findIndex(([area, part]) => (generated ? area === "component and guest" : part.test(url)));
}

function shortUrl(url: string): string {
  return url.replace(/^.*\/(?=packages\/|node_modules\/)/u, "");
}

/** A function without a name is told by its place. */
function nameOf({ name, url, line }: Frame): string {
  const file = url.split("/").at(-1) ?? "";
  return name === "(anonymous)" && file !== "" ? `${file}:${line}` : name;
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

interface Placed {
  readonly frame: Frame;
  readonly x: number;
  readonly depth: number;
}

/** Frames that are wide enough to be seen, from the outermost. */
function placed(root: Frame, scale: number): readonly Placed[] {
  const found: Placed[] = [];
  const open: Placed[] = [{ frame: root, x: 0, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    let { x } = next;
    for (const child of next.frame.children) {
      if (child.total * scale >= leastWidth && next.depth < depthMax) {
        open.push({ frame: child, x, depth: next.depth + 1 });
      }
      x += child.total * scale;
    }
  }
  return found;
}

function box({ frame, x, depth }: Placed, scale: number, all: number, height: number): string {
  const wide = frame.total * scale;
  const y = height - (depth + 1) * rowHeight;
  const place = frame.url === "" ? "" : `\n${shortUrl(frame.url)}:${frame.line}`;
  const name = nameOf(frame);
  const title = `${name}${place}\n${percent(frame.total / all)} of the busy time, ${percent(frame.self / all)} itself`;
  const room = Math.floor((wide - 6) / textWidth("x", 11));
  const label = room < 3 ? "" : name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  const attributes = {
    class: `c${areaOf(frame)} frame`,
    x,
    y,
    width: Math.max(wide - 0.5, 0.3),
    height: rowHeight - 1,
    rx: 1.5,
  };
  const words = label === "" ? "" : text(label, { x: x + 3, y: y + 12, class: "frame-name" });
  return element("g", {}, element("title", {}, escape(title)) + element("rect", attributes) + words);
}

function panel({ name, root, busyPart }: Thread): { readonly height: number; readonly body: string } {
  const scale = inner / root.total;
  const frames = placed(root, scale).filter(({ depth }) => depth > 0);
  const depth = Math.max(0, ...frames.map((each) => each.depth));
  const height = depth * rowHeight;
  const boxes = frames.map((each) => box({ ...each, depth: each.depth - 1 }, scale, root.total, height));
  const head = text(`${name}: busy for ${percent(busyPart)} of the time`, { x: 0, y: 14, class: "head" });
  return { height: height + 24, body: head + moved(0, 24, boxes.join("")) };
}

function legend(): string {
  let x = 0;
  const parts = areas.map(([name], index) => {
    const part =
      element("rect", { class: `c${index}`, "stroke-width": 0, x, y: 0, width: 12, height: 12, rx: 3 }) +
      text(name, { x: x + 18, y: 10 });
    x += textWidth(name) + 42;
    return part;
  });
  return parts.join("");
}

/** The document; widths are shares of the time in which a thread was busy. */
export function flameGraph(title: string, threads: readonly Thread[]): string {
  const parts = [moved(margin, 34, text(title, { x: 0, y: 0, class: "title" })), moved(margin, 50, legend())];
  let y = 76;
  for (const thread of threads) {
    if (thread.root.total === 0) continue;
    const { height, body } = panel(thread);
    parts.push(moved(margin, y, body));
    y += height + 28;
  }
  return svgDocument(title, { width, height: y }, subjects, parts.join(""));
}
