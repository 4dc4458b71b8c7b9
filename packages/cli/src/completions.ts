/** What the word under the cursor may become. */
import type { AnyCommand, Completion, OptionSpec } from "./command.ts";
import { flagOf } from "./command.ts";
import { commands, nouns } from "./commands/index.ts";
import { functionsOf } from "./functions.ts";
import { globalOptions } from "./global-options.ts";
import { loadProfiles } from "./profiles.ts";
import { findWorker, latestComponents } from "./references.ts";
import type { Session } from "./session.ts";

/** Tells the shell to complete names of files itself. */
const files = [":file"];
const workersMax = 200;

/** The words of a command line without the program; the last is the one to complete. */
export async function completions(words: readonly string[], session: Session): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const [first, second] = before;
  if (first === undefined) return matching(current, topLevel());
  const noun = nouns[first];
  if (noun !== undefined && second === undefined) return matching(current, Object.keys(noun.commands));
  const load = noun === undefined ? commands[first]?.load : noun.commands[noun.aliases?.[second ?? ""] ?? second ?? ""];
  if (load === undefined) return [];
  const { command } = await load();
  return await ofCommand(command, { current, before: before.slice(noun === undefined ? 1 : 2) }, session);
}

function topLevel(): readonly string[] {
  const visible = Object.entries(commands).filter(([, { hidden }]) => hidden !== true);
  return [...Object.keys(nouns), ...visible.map(([name]) => name)];
}

function matching(current: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith(current));
}

interface Line {
  readonly current: string;
  readonly before: readonly string[];
}

async function ofCommand(command: AnyCommand, { current, before }: Line, session: Session): Promise<readonly string[]> {
  const options: readonly (readonly [string, OptionSpec])[] = Object.entries({ ...command.options, ...globalOptions });
  const takesValue = (word: string): OptionSpec | undefined =>
    options.find(
      ([name, { kind, short }]) => kind !== "flag" && (word === flagOf(name) || word === `-${short ?? "-"}`),
    )?.[1];
  const operands: string[] = [];
  let pending: OptionSpec | undefined;
  let component: string | undefined;
  for (const word of before) {
    if (pending !== undefined) {
      if (pending.kind !== "flag" && pending.completes === "component") component = word;
      pending = undefined;
    } else if (word.startsWith("-") && word !== "-") pending = takesValue(word);
    else operands.push(word);
  }
  if (pending !== undefined && pending.kind !== "flag") {
    return pending.choices === undefined
      ? await dynamic(pending.completes, { current, operands, component }, session)
      : matching(current, pending.choices);
  }
  if (current.startsWith("-"))
    return matching(
      current,
      options.map(([name]) => flagOf(name)),
    );
  const argument = Object.values(command.arguments)[operands.length];
  return await dynamic(argument?.completes, { current, operands, component }, session);
}

interface Place {
  readonly current: string;
  /** The arguments before it. */
  readonly operands: readonly string[];
  readonly component: string | undefined;
}

async function dynamic(kind: Completion | undefined, place: Place, session: Session): Promise<readonly string[]> {
  switch (kind) {
    case undefined:
      return [];
    case "file":
      return files;
    case "profile":
      return matching(place.current, Object.keys(loadProfiles(process.env).profiles));
    case "plugin":
      return matching(place.current, [...new Set((await session.emet.plugins.list()).map(({ name }) => name))]);
    case "component":
      return matching(
        place.current,
        (await latestComponents(session)).map((item) => item.componentName),
      );
    case "worker":
      return await workers(place, session);
    case "function": {
      const { component } = await findWorker(session, place.operands[0] ?? "", place.component);
      return matching(
        place.current,
        functionsOf(component).map((item) => item.shortName),
      );
    }
  }
}

/** `COMPONENT/` first, then its workers; plain names where the component is clear. */
async function workers({ current, component }: Place, session: Session): Promise<readonly string[]> {
  const components = await latestComponents(session);
  const slash = current.indexOf("/");
  const named = slash < 0 ? (component ?? session.defaultComponent) : current.slice(0, slash);
  const owner =
    components.find((item) => item.componentName === named) ??
    (slash < 0 && components.length === 1 ? components[0] : undefined);
  if (owner === undefined)
    return matching(
      current,
      components.map((item) => `${item.componentName}/`),
    );
  const prefix = slash < 0 ? "" : `${owner.componentName}/`;
  const begun = current.slice(slash + 1);
  const filters = begun === "" ? [] : [`name like ${begun}`];
  const page = await session.emet.workers.page(owner.versionedComponentId.componentId, { filters, count: workersMax });
  return matching(
    current,
    page.workers.map(({ workerId }) => `${prefix}${workerId.workerName}`),
  );
}
