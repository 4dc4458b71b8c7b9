/** Small pieces of SVG. A document carries its own colours, for light and for dark surroundings, and its own ground. */

const palette: { readonly [subject: string]: readonly [light: string, dark: string] } = {
  Emet: ["#4f46e5", "#8f8aff"],
  "plain Node": ["#7b8694", "#98a3b3"],
  bare: ["#7b8694", "#98a3b3"],
  jco: ["#d97706", "#f2a541"],
  Restate: ["#0e8fa8", "#43c6de"],
  DBOS: ["#c02672", "#f277b3"],
  workerd: ["#5f9411", "#a2d45e"],
};

/** For variants of ours and whoever has no colour of their own. */
const further: readonly (readonly [light: string, dark: string])[] = [
  ["#a29df2", "#5a55c0"],
  ["#b45309", "#d9a066"],
  ["#15803d", "#4ade80"],
  ["#a21caf", "#e879f9"],
  ["#a16207", "#facc15"],
  ["#be123c", "#fb7185"],
  ["#0891b2", "#67e8f9"],
  ["#475569", "#cbd5e1"],
];

const fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";

export function escape(content: string): string {
  return content.replace(/[&<>"]/gu, (character) => `&#${character.codePointAt(0)};`);
}

type Attributes = { readonly [name: string]: string | number };

function fixed(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : escape(value);
}

export function element(name: string, attributes: Attributes, content = ""): string {
  const listed = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${fixed(value)}"`)
    .join("");
  return content === "" ? `<${name}${listed}/>` : `<${name}${listed}>${content}</${name}>`;
}

export function text(content: string, attributes: Attributes): string {
  return element("text", attributes, escape(content));
}

/** About as wide as browsers draw it. */
export function textWidth(content: string, size = 12): number {
  return content.length * size * 0.54;
}

/** Breaks at spaces, so that no line is wider. */
export function wrap(content: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of content.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The class that gives marks the colour of their subject. */
export function colourClass(subject: string, subjects: readonly string[]): string {
  return `c${subjects.indexOf(subject)}`;
}

function styleOf(subjects: readonly string[]): string {
  const others = subjects.filter((subject) => !(subject in palette));
  const colours = subjects.map((subject) => {
    const own = palette[subject] ?? further[others.indexOf(subject) % further.length];
    return own ?? ["#000000", "#ffffff"];
  });
  const rules = (theme: 0 | 1): string =>
    colours.map((pair, index) => `.c${index}{fill:${pair[theme]};stroke:${pair[theme]}}`).join("");
  return (
    `text{font:12px ${fonts};fill:#1f2733}.title{font-size:16px;font-weight:600}.head{font-weight:600}` +
    `.weak{fill:#5d6878}.ground{fill:#ffffff;stroke:#d8dee6}.grid{stroke:#e4e8ee}.axis{stroke:#9aa4b1}` +
    `.spread{stroke:#5d6878;fill:none}.goal{stroke:#1f2733;fill:#ffffff}.line{fill:none!important;stroke-width:2}` +
    `.frame{stroke:none!important;fill-opacity:.55}.frame-name{font-size:11px}` +
    `.halo{stroke:#ffffff;stroke-width:4px;paint-order:stroke}` +
    `${rules(0)}@media(prefers-color-scheme:dark){text{fill:#e3e8ef}.weak{fill:#9aa6b5}` +
    `.ground{fill:#161b22;stroke:#303a46}.grid{stroke:#2a323c}.axis{stroke:#6a7685}.spread{stroke:#9aa6b5}` +
    `.goal{stroke:#e3e8ef;fill:#161b22}.halo{stroke:#161b22}${rules(1)}}`
  );
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A whole document. */
export function svgDocument(title: string, { width, height }: Size, subjects: readonly string[], body: string): string {
  const ground = element("rect", { class: "ground", x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 8 });
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      role: "img",
    },
    `<title>${escape(title)}</title><style>${styleOf(subjects)}</style>${ground}${body}`,
  )}\n`;
}

/** Moves a part of a document. */
export function moved(x: number, y: number, body: string): string {
  return element("g", { transform: `translate(${fixed(x)} ${fixed(y)})` }, body);
}
