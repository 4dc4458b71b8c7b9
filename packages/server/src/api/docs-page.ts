/** A page that shows the OpenAPI document at /specs, without anything from elsewhere. */
export const docsPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Emet API</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid #8884; }
  details { margin: .5rem 0; border: 1px solid #8884; border-radius: 6px; padding: .4rem .8rem; }
  summary { cursor: pointer; }
  code, pre { font: 13px/1.5 ui-monospace, monospace; }
  pre { overflow-x: auto; background: #8881; padding: .6rem; border-radius: 6px; }
  .method { display: inline-block; min-width: 4.5em; font-weight: 700; }
  .note { opacity: .7; }
  table { border-collapse: collapse; } td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
</style>
<h1>Emet API</h1>
<p class="note">The machine-readable form is at <a href="/specs">/specs</a> (OpenAPI 3.1).</p>
<main>Loading…</main>
<script type="module">
  const make = (tag, text, ...children) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    element.append(...children);
    return element;
  };
  const block = (title, value) => make("div", undefined, make("p", title), make("pre", JSON.stringify(value, null, 2)));
  const operation = (path, method, spec) => {
    const name = make("code", method.toUpperCase());
    name.className = "method";
    const head = make("summary", undefined, name, make("code", path), make("span", " " + (spec.summary ?? "")));
    const rows = (spec.parameters ?? []).map((parameter) => make("tr", undefined,
      make("td", undefined, make("code", parameter.name)), make("td", parameter.in), make("td", parameter.required ? "required" : "optional")));
    const bodies = Object.entries(spec.requestBody?.content ?? {}).map(([type, content]) => block("Body, " + type, content.schema));
    const answers = Object.entries(spec.responses ?? {}).map(([status, response]) => {
      const [content] = Object.values(response.content ?? {});
      return block(status + ": " + response.description, content?.schema ?? {});
    });
    return make("details", undefined, head, make("table", undefined, ...rows), ...bodies, ...answers);
  };
  const specs = await (await fetch("/specs")).json();
  const groups = new Map();
  for (const [path, methods] of Object.entries(specs.paths)) {
    for (const [method, spec] of Object.entries(methods)) {
      const tag = spec.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, spec)]);
    }
  }
  const main = document.querySelector("main");
  main.replaceChildren(...[...groups].flatMap(([tag, operations]) => [make("h2", tag), ...operations]));
</script>
`;
